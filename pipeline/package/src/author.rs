//! Authors.

use std::str::FromStr;

/// Someone who made a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name as it is printed.
    pub name: String,
    /// An ORCID iD, as `0000-0001-2345-6789`.
    pub orcid: Option<String>,
}

impl Author {
    /// The ORCID iD as an address.
    pub(crate) fn address(&self) -> Option<String> {
        let orcid = self.orcid.as_ref()?;
        Some(format!("https://orcid.org/{orcid}"))
    }
}

impl FromStr for Author {
    type Err = String;

    /// `Ada Lovelace` or `Ada Lovelace (0000-0001-2345-6789)`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, orcid) = match text.strip_suffix(')').and_then(|t| t.rsplit_once('(')) {
            Some((name, orcid)) => (name, Some(orcid)),
            None => (text, None),
        };
        let name = name.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(format!("{text:?} is no name"));
        }
        if let Some(orcid) = orcid.filter(|orcid| !is_orcid(orcid)) {
            return Err(format!(
                "{orcid:?} is no ORCID iD; it would be as in \"{name} (0000-0002-1825-0097)\""
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            orcid: orcid.map(str::to_owned),
        })
    }
}

/// Four groups of four digits, the last of which is a check digit by ISO 7064 MOD 11-2.
fn is_orcid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != 4 || groups.iter().any(|group| group.len() != 4) {
        return false;
    }
    let digits: String = groups.concat();
    let Some((body, check)) = digits.split_at_checked(15) else {
        return false;
    };
    let sum = body
        .chars()
        .try_fold(0, |sum, c| Some((sum + c.to_digit(10)?) * 2));
    let expected = sum.map(|sum| (12 - sum % 11) % 11);
    let check = match check {
        "X" => Some(10),
        digit => digit.parse().ok(),
    };
    expected.is_some() && expected == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_is_a_name_and_perhaps_an_orcid() {
        // The example of ORCID's own documentation of the check digit.
        let author: Author = "Josiah Carberry (0000-0002-1825-0097)".parse().unwrap();
        assert_eq!(author.name, "Josiah Carberry");
        assert_eq!(
            author.address().unwrap(),
            "https://orcid.org/0000-0002-1825-0097"
        );
        assert!("Kim".parse::<Author>().is_ok_and(|a| a.orcid.is_none()));
        for odd in [
            "",
            " (0000-0002-1825-0097)",
            "A (0000-0002-1825-0098)",
            "A (ü000-0002-1825-0097)",
            "A ()",
            "A\nB",
        ] {
            assert!(odd.parse::<Author>().is_err(), "{odd:?}");
        }
    }
}
