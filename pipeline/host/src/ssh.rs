//! Another host, reached by openssh's own client with the user's own configuration.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vnicbench_model::store::sha256_file;

use crate::command::{Said, failure, run, run_on, words};
use crate::error::{HostError, io_error};

/// Never asks for anything, and notices within 15 s that the other host is gone.
const OPTIONS: [&str; 9] = [
    "-T",
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=10",
    "-o",
    "ServerAliveInterval=5",
    "-o",
    "ServerAliveCountMax=3",
];
/// ssh's own failures, such as no connection; a command's status is its own otherwise.
const SSH_FAILED: i32 = 255;
/// Where agents are kept there, below the user's home, in which commands are started.
const AGENTS: &str = ".cache/vnicbench";
/// Keeps its input as the agent with the digest `$1`, or not at all if it has another one.
const INSTALL: &str = r#"umask 077 && mkdir -p .cache/vnicbench && t=$(mktemp .cache/vnicbench/incoming.XXXXXX) || exit 1
if cat >"$t" && s=$(sha256sum "$t") && [ "${s%% *}" = "$1" ] && chmod 700 "$t"; then
    mv -f "$t" ".cache/vnicbench/agent-$1"
else
    rm -f "$t"
    echo "what arrived is not what was sent" >&2
    exit 1
fi"#;

/// `[USER@]HOST[:PORT]`; HOST may be an alias of the user's ssh configuration, and an
/// IPv6 address is in brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SshHost {
    user: Option<String>,
    host: String,
    port: Option<u16>,
}

/// Not a host for ssh.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not [USER@]HOST[:PORT] of letters, digits, \".\", \"_\" and \"-\"")]
pub struct SshHostError(String);

impl FromStr for SshHost {
    type Err = SshHostError;

    fn from_str(text: &str) -> Result<Self, SshHostError> {
        let wrong = || SshHostError(text.to_owned());
        // A name that begins with "-" would be an option of ssh.
        let is_name = |name: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !name.is_empty() && !name.starts_with('-') && name.chars().all(allowed)
        };
        let (user, rest) = match text.split_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, text),
        };
        let bracketed = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or_else(wrong)?)),
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let is_host = match bracketed {
            Some(_) => host.parse::<std::net::Ipv6Addr>().is_ok(),
            None => is_name(host),
        };
        if !is_host || !user.is_none_or(is_name) {
            return Err(wrong());
        }
        let port = match port.map(str::parse) {
            None => None,
            Some(Ok(0) | Err(_)) => return Err(wrong()),
            Some(Ok(port)) => Some(port),
        };
        Ok(Self {
            user: user.map(str::to_owned),
            host: host.to_owned(),
            port,
        })
    }
}

impl TryFrom<String> for SshHost {
    type Error = SshHostError;

    fn try_from(text: String) -> Result<Self, SshHostError> {
        text.parse()
    }
}

impl From<SshHost> for String {
    fn from(host: SshHost) -> Self {
        host.to_string()
    }
}

impl fmt::Display for SshHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match self.host.contains(':') {
            true => write!(f, "[{}]", self.host)?,
            false => f.write_str(&self.host)?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Another host, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Destination {
    /// The host.
    #[serde(rename = "ssh")]
    pub host: SshHost,
    /// The private key that is used besides those of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// The configuration that is used instead of the user's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<PathBuf>,
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)
    }
}

impl Destination {
    /// A host that is reached as the user's configuration says.
    pub fn new(host: SshHost) -> Self {
        Self {
            host,
            key: None,
            config: None,
        }
    }

    /// The words that run a command there, whatever shell the user has.
    pub(crate) fn argv(&self, command: &[String]) -> Vec<String> {
        let mut argv = words(["ssh"]);
        argv.extend(words(OPTIONS));
        let path = |path: &Path| path.display().to_string();
        if let Some(config) = &self.config {
            argv.extend(["-F".to_owned(), path(config)]);
        }
        if let Some(key) = &self.key {
            argv.extend(["-i".to_owned(), path(key)]);
        }
        if let Some(port) = self.host.port {
            argv.extend(["-p".to_owned(), port.to_string()]);
        }
        argv.push(match &self.host.user {
            Some(user) => format!("{user}@{}", self.host.host),
            None => self.host.host.clone(),
        });
        argv.push("--".to_owned());
        argv.extend(command.iter().map(|word| quoted(word)));
        argv
    }

    /// Whether it can be reached at all.
    ///
    /// # Errors
    ///
    /// [`HostError::Change`] with what ssh says and what to try by hand.
    pub(crate) fn reach(&self) -> Result<(), HostError> {
        let argv = self.argv(&words(["true"]));
        self.checked(&argv, run(&argv)?)
    }

    fn checked(&self, argv: &[String], said: Said) -> Result<(), HostError> {
        if said.status.success() {
            return Ok(());
        }
        let mut message = format!("{}, {}", said.status, said.stderr.trim());
        if said.status.code() == Some(SSH_FAILED) {
            message.push_str(&format!(
                "; this has to work without a question: {}",
                argv.join(" ")
            ));
        }
        Err(HostError::Change {
            doing: format!("reaching {self} by ssh"),
            message,
        })
    }

    /// Copies the agent there unless it is there already; how it is called there.
    ///
    /// # Errors
    ///
    /// [`HostError`] if it can't be reached, or the copy isn't what was sent.
    pub(crate) fn install(&self, agent: &Path) -> Result<String, HostError> {
        let digest = sha256_file(agent).map_err(|error| HostError::Change {
            doing: format!("copying the agent to {self}"),
            message: error.to_string(),
        })?;
        let there = format!("{AGENTS}/agent-{digest}");
        let known = run(&self.argv(&words(["sha256sum", &there])))?;
        if known.status.success() && known.stdout.starts_with(&digest) {
            return Ok(there);
        }
        let file = File::open(agent).map_err(io_error("open", agent))?;
        let argv = self.argv(&words(["sh", "-c", INSTALL, "sh", &digest]));
        let said = run_on(&argv, Stdio::from(file))?;
        match said.status.code() {
            Some(0) => Ok(there),
            Some(SSH_FAILED) => {
                // The failure is the connection's, and so are its words.
                self.reach()?;
                Err(failure(&argv, said.stderr.trim().to_owned()))
            }
            _ => Err(HostError::Change {
                doing: format!("copying the agent to {there} on {self}"),
                message: format!("{}, {}", said.status, said.stderr.trim()),
            }),
        }
    }
}

/// A word that every usual shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn hosts_are_names_and_never_options() {
        for good in [
            "tester",
            "root@tester.example",
            "root@192.0.2.7:2222",
            "[2001:db8::7]",
            "a_b@[::1]:22",
        ] {
            let host: SshHost = good.parse().unwrap();
            assert_eq!(host.to_string(), good);
        }
        for bad in [
            "",
            "-oProxyCommand=reboot",
            "root@-v",
            "-l@tester",
            "@tester",
            "a@b@c",
            "tester:",
            "tester:0",
            "tester:99999",
            "tester:22 reboot",
            "tes ter",
            "tester;reboot",
            "$(reboot)",
            "[tester]",
            "[::1]22",
            "2001:db8::7",
            "root@tester\n",
        ] {
            assert!(bad.parse::<SshHost>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn words_arrive_as_they_are() {
        let hostile = [
            "",
            "a b",
            "it's",
            "$(reboot)",
            "`reboot`",
            "a;b&c|d>e",
            "\\",
            "'",
            "''\\''",
            "*",
            "~",
            "-n",
            "\"x\"",
            "!!",
            "a\nb",
        ];
        let line: Vec<String> = ["printf", "%s\\0"]
            .into_iter()
            .chain(hostile)
            .map(quoted)
            .collect();
        // As sshd does: the words with spaces between, to the user's shell.
        let output = Command::new("sh")
            .arg("-c")
            .arg(line.join(" "))
            .output()
            .unwrap();
        let arrived = String::from_utf8(output.stdout).unwrap();
        let arrived: Vec<&str> = arrived.split_terminator('\0').collect();
        assert_eq!(arrived, hostile);
    }

    #[test]
    fn argument_vector() {
        let destination = Destination {
            key: Some("/k".into()),
            config: Some("/c".into()),
            ..Destination::new("root@tester:2222".parse().unwrap())
        };
        let argv = destination.argv(&words(["ip", "link"])).join(" ");
        assert!(argv.starts_with("ssh -T -o BatchMode=yes "), "{argv}");
        assert!(
            argv.ends_with(" -F /c -i /k -p 2222 root@tester -- 'ip' 'link'"),
            "{argv}"
        );
    }
}
