//! The agent as pid 1 of a guest or of the emulated test host.

use std::convert::Infallible;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::sync;
use rustix::mount::{MountFlags, mount};
use rustix::system::{RebootCommand, reboot, sethostname, uname};
use serde::{Deserialize, Serialize};

use crate::children::{adopt_orphans, sweep};
use crate::nic::ip;
use crate::serve::{Agent, serve};
use crate::{kmod, machine, port};

/// Where the image says what this machine is to be; JSON of a [`Config`].
pub const CONFIG: &str = "/etc/vnicbench/init.json";

/// How long the channel's port may take to appear.
const PORT_LIMIT: Duration = Duration::from_secs(30);
/// Between two sessions, so that a host that comes and goes doesn't keep a CPU busy.
const PAUSE: Duration = Duration::from_millis(50);

/// What an image asks of its init.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the image is for; reported in [`crate::Info`].
    pub role: String,
    /// Host name to set.
    pub hostname: String,
    /// Absolute paths of kernel modules, in the order in which they are loaded.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Mounted after the kernel's own file systems and the modules.
    #[serde(default)]
    pub mounts: Vec<Mount>,
    /// Written after the modules are loaded: path, value.
    #[serde(default)]
    pub sysctls: Vec<(String, String)>,
    /// Name of the virtio-serial port to serve on.
    #[serde(default = "default_port")]
    pub port: String,
}

fn default_port() -> String {
    "vnicbench.agent".to_owned()
}

/// A file system to mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// Device or tag.
    pub source: String,
    /// Where; made if it isn't there.
    pub target: String,
    /// Type.
    pub fstype: String,
    /// Options for the file system itself, separated by commas.
    #[serde(default)]
    pub options: String,
}

/// The kernel's own file systems: source and type, target, flags, options, and whether a
/// kernel may be without it.
const KERNEL_MOUNTS: [(&str, &str, MountFlags, &str, bool); 10] = [
    ("proc", "/proc", QUIET, "", false),
    ("sysfs", "/sys", QUIET, "", false),
    ("devtmpfs", "/dev", MountFlags::NOSUID, "mode=0755", false),
    (
        "devpts",
        "/dev/pts",
        NOEXEC,
        "mode=0620,ptmxmode=0666",
        false,
    ),
    ("tmpfs", "/dev/shm", NODEV, "mode=1777", false),
    ("tmpfs", "/tmp", NODEV, "mode=1777", false),
    ("tmpfs", "/run", NODEV, "mode=0755", false),
    ("cgroup2", "/sys/fs/cgroup", QUIET, "", true),
    ("debugfs", "/sys/kernel/debug", QUIET, "", true),
    ("tracefs", "/sys/kernel/tracing", QUIET, "", true),
];
const NODEV: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);
const NOEXEC: MountFlags = MountFlags::NOSUID.union(MountFlags::NOEXEC);
const QUIET: MountFlags = NODEV.union(MountFlags::NOEXEC);

/// Boots the machine and serves for as long as it runs. Returns never: if something
/// without which there is no channel fails, it is said on the console and the machine
/// switched off.
pub fn main() -> ! {
    let outcome = std::panic::catch_unwind(|| match boot() {
        Ok(never) => match never {},
        Err(text) => text,
    });
    let text = outcome.unwrap_or_else(|_| "it panicked".to_owned());
    console(&format!("fatal: {text}; switching off"));
    power_off()
}

/// Flushes the file systems and switches the machine off.
pub(crate) fn power_off() -> ! {
    sync();
    loop {
        // A kernel panics when its init ends, so a refusal can only be waited out.
        let refused = reboot(RebootCommand::PowerOff);
        console(&format!("can't switch off: {refused:?}"));
        thread::sleep(Duration::from_secs(10));
    }
}

/// Says a line on the console, wherever that is.
fn console(text: &str) {
    let line = format!("vnicbench-agent: {text}\n");
    let written = OpenOptions::new()
        .write(true)
        .open("/dev/console")
        .and_then(|mut console| console.write_all(line.as_bytes()));
    if written.is_err() {
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

/// Whether this process is pid 1.
#[must_use]
pub fn is_init() -> bool {
    std::process::id() == 1
}

fn boot() -> Result<Infallible, String> {
    let mut warnings = mount_kernel_file_systems();
    adopt_orphans().map_err(|e| format!("becoming the parent of orphans: {e}"))?;
    let config = read_config(Path::new(CONFIG))?;
    let env = environment();

    if let Err(e) = sethostname(config.hostname.as_bytes()) {
        warnings.push(format!("hostname {}: {e}", config.hostname));
    }
    warnings.extend(config.modules.iter().filter_map(|m| kmod::load(m).err()));
    warnings.extend(config.mounts.iter().filter_map(|m| mount_one(m).err()));
    warnings.extend(
        config
            .sysctls
            .iter()
            .filter_map(|(path, value)| machine::write_file(path, None, value.as_bytes()).err()),
    );
    warnings.extend(ip(&["link", "set", "dev", "lo", "up"], &env).err());
    for warning in &warnings {
        console(warning);
    }

    let port = port::open(&config.port, PORT_LIMIT).map_err(|e| e.to_string())?;
    console(&format!(
        "ready kernel={} uptime={:.2}",
        uname().release().to_string_lossy(),
        machine::uptime_s()
    ));
    let agent = Agent {
        env,
        role: config.role,
        warnings,
        is_init: true,
    };
    loop {
        let served = port
            .await_host()
            .and_then(|()| Ok((port.try_clone()?, port.try_clone()?)))
            .map_err(|e| format!("the port {}: {e}", config.port))
            .map(|(reader, writer)| serve(&agent, reader, writer));
        if let Err(e) = served? {
            console(&format!("session lost: {e}"));
        }
        sweep(None);
        thread::sleep(PAUSE);
    }
}

fn environment() -> Vec<(String, String)> {
    [
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        ("LANG", "C"),
        ("HOME", "/root"),
        ("TERM", "dumb"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn read_config(path: &Path) -> Result<Config, String> {
    let file = File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_reader(io::BufReader::new(file))
        .map_err(|e| format!("{}: {e}", path.display()))
}

fn mount_kernel_file_systems() -> Vec<String> {
    let mut warnings = Vec::new();
    for (fstype, target, flags, options, may_lack) in KERNEL_MOUNTS {
        // A kernel that mounts devtmpfs by itself has done it before init.
        let result = mount_at(fstype, target, fstype, flags, options);
        if let Err(e) = result
            && !may_lack
            && e.raw_os_error() != Some(rustix::io::Errno::BUSY.raw_os_error())
        {
            warnings.push(format!("mount {target}: {e}"));
        }
    }
    warnings
}

fn mount_one(m: &Mount) -> Result<(), String> {
    mount_at(
        &m.source,
        &m.target,
        &m.fstype,
        MountFlags::empty(),
        &m.options,
    )
    .map_err(|e| format!("mount {} ({}) at {}: {e}", m.source, m.fstype, m.target))
}

fn mount_at(
    source: &str,
    target: &str,
    fstype: &str,
    flags: MountFlags,
    options: &str,
) -> io::Result<()> {
    fs::create_dir_all(target)?;
    let options = std::ffi::CString::new(options)?;
    Ok(mount(source, target, fstype, flags, options.as_c_str())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_says_what_is_wrong_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("init.json");
        let read = |text: &str| {
            fs::write(&path, text).unwrap();
            read_config(&path)
        };
        let least = read(r#"{"role": "guest", "hostname": "sut"}"#).unwrap();
        assert_eq!(least.port, "vnicbench.agent");
        assert!(least.modules.is_empty());
        let error = read(r#"{"role": "guest", "hostname": "sut", "module": []}"#).unwrap_err();
        assert!(
            error.contains("init.json") && error.contains("module"),
            "{error}"
        );
        let full = read(
            r#"{"role": "testhost", "hostname": "th", "modules": ["/m/igb.ko.xz"],
                "mounts": [{"source": "share", "target": "/share", "fstype": "9p",
                            "options": "trans=virtio,version=9p2000.L"}],
                "sysctls": [["/proc/sys/net/ipv4/conf/all/arp_ignore", "1"]], "port": "p"}"#,
        )
        .unwrap();
        assert_eq!(full.sysctls[0].1, "1");
        assert_eq!(full.mounts[0].target, "/share");
    }
}
