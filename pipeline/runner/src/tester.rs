//! A generator's host for the emulated test host: a namespace of it with the generators' ports
//! and an sshd, so that what is run by ssh on hardware is run by ssh here.

use std::time::{Duration, Instant};

use serde_json::Value;
use vnicbench_agent::{Command, Job, Session};
use vnicbench_host::HostError;

const NAMESPACE: &str = "tester";
/// Its address on a veth pair, and the test host's own.
const ADDRESS: &str = "10.255.255.2";
const OUTER_ADDRESS: &str = "10.255.255.1";
const LIMIT: Duration = Duration::from_secs(60);
const FOREVER: Duration = Duration::from_secs(30 * 24 * 3600);
const CONFIG: &str = "/root/tester/sshd_config";

/// A running sshd; it ends when this is dropped.
pub(crate) struct Tester {
    _sshd: Job,
}

impl Tester {
    /// Moves the ports with these MAC addresses to a namespace and starts sshd in it.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what could not be done.
    pub(crate) fn start(session: &Session, macs: &[String]) -> Result<Self, HostError> {
        let run = |words: &str| succeed(session, words);
        run(&format!("ip netns add {NAMESPACE}"))?;
        run(&format!(
            "ip link add name to-tester type veth peer name eth-ssh netns {NAMESPACE}"
        ))?;
        run(&format!("ip address add {OUTER_ADDRESS}/30 dev to-tester"))?;
        run("ip link set dev to-tester up")?;
        run(&format!(
            "ip -n {NAMESPACE} address add {ADDRESS}/30 dev eth-ssh"
        ))?;
        for name in ["eth-ssh", "lo"] {
            run(&format!("ip -n {NAMESPACE} link set dev {name} up"))?;
        }
        for name in interfaces(&run("ip -json link show")?, macs)? {
            run(&format!("ip link set dev {name} netns {NAMESPACE}"))?;
        }
        run("mkdir -p -m 700 /root/.ssh /root/tester /run/sshd")?;
        for key in ["/root/.ssh/id_ed25519", "/root/tester/host_key"] {
            let command = command("ssh-keygen -q -t ed25519 -f");
            output(session, &command.args([key, "-N", ""]))?;
        }
        let public = session.read_file("/root/.ssh/id_ed25519.pub", 4096)?;
        session.write_file("/root/.ssh/authorized_keys", Some(0o600), &public)?;
        let host_key = session.read_file("/root/tester/host_key.pub", 4096)?;
        let known = [ADDRESS.as_bytes(), b" ", &host_key].concat();
        session.write_file("/root/.ssh/known_hosts", Some(0o600), &known)?;
        let config = format!(
            "ListenAddress {ADDRESS}\nHostKey /root/tester/host_key\nPidFile none\nUsePAM no\n\
             PasswordAuthentication no\nAuthorizedKeysFile .ssh/authorized_keys\nUseDNS no\nLogLevel ERROR\n"
        );
        session.write_file(CONFIG, Some(0o600), config.as_bytes())?;
        let sshd = Command::new("ip", FOREVER)
            .args([
                "netns",
                "exec",
                NAMESPACE,
                "/usr/bin/sshd",
                "-D",
                "-e",
                "-f",
            ])
            .arg(CONFIG);
        let sshd = session.start(
            &sshd,
            Box::new(std::io::sink()),
            Box::new(std::io::stderr()),
        )?;
        let until = Instant::now() + LIMIT;
        let answers = format!("ssh -o BatchMode=yes -o ConnectTimeout=10 {ADDRESS} true");
        while let Err(error) = run(&answers) {
            if Instant::now() > until {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(Self { _sshd: sshd })
    }

    /// What `--generator-host` is given.
    pub(crate) fn name() -> String {
        format!("root@{ADDRESS}")
    }
}

fn command(words: &str) -> Command {
    let mut words = words.split(' ');
    Command::new(words.next().unwrap_or_default(), LIMIT).args(words)
}

fn succeed(session: &Session, words: &str) -> Result<Vec<u8>, HostError> {
    output(session, &command(words))
}

fn output(session: &Session, command: &Command) -> Result<Vec<u8>, HostError> {
    let output = session.run(command)?;
    if output.exit.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(HostError::Change {
        doing: format!("running {} in the test host", command.argv().join(" ")),
        message: format!("{}, {said}", output.exit),
    })
}

/// The names of the interfaces with these MAC addresses, from `ip -json link show`.
fn interfaces(json: &[u8], macs: &[String]) -> Result<Vec<String>, HostError> {
    let failed = |message: String| HostError::Change {
        doing: "looking for the generators' ports in the test host".into(),
        message,
    };
    let links: Vec<Value> =
        serde_json::from_slice(json).map_err(|error| failed(error.to_string()))?;
    let name = |mac: &String| {
        let link = links.iter().find(|link| link["address"] == mac.as_str());
        let name = link.and_then(|link| link["ifname"].as_str());
        name.map(str::to_owned)
            .ok_or_else(|| failed(format!("none has the address {mac}")))
    };
    macs.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_found_by_their_addresses() {
        let json = br#"[{"ifname":"a","address":"02::1"},{"ifname":"b","address":"02::2"},{}]"#;
        let found = interfaces(json, &["02::2".into()]).unwrap();
        assert_eq!(found, ["b"]);
        assert!(interfaces(json, &["02::3".into()]).is_err());
        assert!(interfaces(b"?", &[]).is_err());
    }
}
