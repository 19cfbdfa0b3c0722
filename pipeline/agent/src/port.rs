//! The guest's end of a virtio-serial port.
//!
//! While nothing is connected at the host's end, reading such a port returns 0 bytes at
//! once, polling says hang-up at once, and a blocking write waits for the next host. So
//! the port is used without blocking and a hang-up ends the channel; the port itself
//! stays open, since closing it would discard what a host has sent meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;

const PERIOD: Duration = Duration::from_millis(50);

/// An open port.
#[derive(Debug)]
pub(crate) struct Port(File);

/// Waits for a port of this name and opens it.
pub(crate) fn open(name: &str, limit: Duration) -> io::Result<Port> {
    let start = Instant::now();
    loop {
        if let Some(device) = find(Path::new("/sys/class/virtio-ports"), name) {
            let nonblock = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
            match OpenOptions::new()
                .read(true)
                .write(true)
                .custom_flags(nonblock)
                .open(&device)
            {
                Ok(file) => return Ok(Port(file)),
                // The node in /dev may appear after the one in /sys.
                Err(e) if e.kind() == ErrorKind::NotFound && start.elapsed() < limit => {}
                Err(e) => return Err(e),
            }
        } else if start.elapsed() >= limit {
            return Err(io::Error::new(
                ErrorKind::NotFound,
                format!(
                    "no virtio-serial port named `{name}` after {limit:?}; are virtio_pci and \
                     virtio_console loaded, and has the machine such a device?"
                ),
            ));
        }
        thread::sleep(PERIOD);
    }
}

fn find(class: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(class).ok()?.flatten().find_map(|entry| {
        let is = fs::read_to_string(entry.path().join("name")).ok()?;
        (is.trim() == name).then(|| Path::new("/dev").join(entry.file_name()))
    })
}

impl Port {
    /// Waits until something is connected at the host's end.
    pub(crate) fn await_host(&self) -> io::Result<()> {
        loop {
            let mut fds = [PollFd::new(&self.0, PollFlags::OUT)];
            poll(&mut fds, Some(&Timespec::default()))?;
            if fds.iter().all(|fd| !fd.revents().contains(PollFlags::HUP)) {
                return Ok(());
            }
            thread::sleep(PERIOD);
        }
    }

    /// A second handle to the same port.
    pub(crate) fn try_clone(&self) -> io::Result<Port> {
        self.0.try_clone().map(Port)
    }

    /// Waits for `what`; `false` if the host hung up first.
    fn wait_for(&self, what: PollFlags) -> io::Result<bool> {
        loop {
            let mut fds = [PollFd::new(&self.0, what)];
            match poll(&mut fds, None) {
                Err(rustix::io::Errno::INTR) => continue,
                polled => polled?,
            };
            let [fd] = &fds;
            if fd.revents().contains(what) {
                return Ok(true);
            }
            if fd.revents().intersects(PollFlags::HUP | PollFlags::ERR) {
                return Ok(false);
            }
        }
    }
}

impl Read for Port {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.wait_for(PollFlags::IN)? {
                return Ok(0);
            }
            match self.0.read(buffer) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            if !self.wait_for(PollFlags::OUT)? {
                return Err(ErrorKind::BrokenPipe.into());
            }
            match self.0.write(bytes) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_found_by_its_name() {
        let class = tempfile::tempdir().unwrap();
        for (port, name) in [("vport1p1", "other\n"), ("vport2p1", "vnicbench.agent\n")] {
            fs::create_dir(class.path().join(port)).unwrap();
            fs::write(class.path().join(port).join("name"), name).unwrap();
        }
        let found = find(class.path(), "vnicbench.agent");
        assert_eq!(found.unwrap(), Path::new("/dev/vport2p1"));
        assert!(find(class.path(), "vnicbench").is_none());
        assert!(find(&class.path().join("none"), "other").is_none());
    }
}
