//! The one time that an archive bears.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::PackageError;

/// The first time that the headers of tar have no octal digits for; in 2242.
const END: u64 = 1 << 33;

/// A time that can be written everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(u64);

impl Time {
    /// SOURCE_DATE_EPOCH if it is given, otherwise the start of the campaign.
    pub(crate) fn of(started: &str, epoch: Option<u64>) -> Result<Self, PackageError> {
        let given = || epoch.map_or_else(|| started.to_owned(), |epoch| epoch.to_string());
        let seconds = epoch.or_else(|| {
            let start = humantime::parse_rfc3339(started).ok()?;
            Some(start.duration_since(UNIX_EPOCH).ok()?.as_secs())
        });
        match seconds {
            Some(seconds) if seconds < END => Ok(Self(seconds)),
            _ => Err(PackageError::Time { time: given() }),
        }
    }

    /// Since 1970.
    pub(crate) fn seconds(self) -> u64 {
        self.0
    }

    /// Its day, `YYYY-MM-DD`.
    pub(crate) fn date(self) -> String {
        let time: SystemTime = UNIX_EPOCH + Duration::from_secs(self.0);
        let text = humantime::format_rfc3339_seconds(time).to_string();
        text.chars().take("YYYY-MM-DD".len()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_bears_the_campaigns_time_or_the_one_given() {
        let started = "2024-02-13T01:02:03.5Z";
        let own = Time::of(started, None).unwrap();
        assert_eq!((own.seconds(), &*own.date()), (1_707_786_123, "2024-02-13"));
        assert_eq!(Time::of(started, Some(0)).unwrap().date(), "1970-01-01");
        for (started, epoch) in [
            ("yesterday", None),
            (started, Some(END)),
            ("1969-01-01T00:00:00Z", None),
        ] {
            assert!(Time::of(started, epoch).is_err(), "{started} {epoch:?}");
        }
    }
}
