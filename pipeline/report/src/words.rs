//! What the report says, in the reader's language.
//!
//! All texts are in `templates/words`, a file a language, in the syntax of
//! [Fluent](https://projectfluent.org/fluent/guide/): a message has an id, and variables
//! for what differs. How a number is inflected or which particle follows a word is up to
//! the file; a number that isn't counted arrives as the text that shows it.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::particle;

/// A language that reports are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// Its code in ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    fn messages(self) -> &'static str {
        match self {
            Self::English => include_str!("../../../templates/words/en.ftl"),
            Self::Korean => include_str!("../../../templates/words/ko.ftl"),
        }
    }
}

/// What a message can say: a text as it is, or a whole number that its file may inflect by.
pub trait Argument {
    /// The value in Fluent's terms.
    fn value(&self) -> FluentValue<'_>;
}

impl Argument for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::String(Cow::Borrowed(self))
    }
}

impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> FluentValue<'_> {
        T::value(self)
    }
}

impl Argument for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::String(Cow::Borrowed(self))
    }
}

impl Argument for Cow<'_, str> {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::String(Cow::Borrowed(self))
    }
}

impl Argument for u32 {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(*self)
    }
}

impl Argument for u64 {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(*self)
    }
}

impl Argument for usize {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(*self)
    }
}

/// A message of `$words` with its variables: `say!(words, "number-table", n = 3)`. The id is
/// written out, so that a test finds it.
macro_rules! say {
    ($words:expr, $id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $words.say($id, &[$((stringify!($name), &$value as &dyn $crate::words::Argument)),*])
    };
}
pub(crate) use say;

/// The messages of a language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
    /// What could not be said: faults of the program, which end a report at its end.
    faults: Mutex<Vec<String>>,
}

impl Words {
    /// The words of a language.
    ///
    /// # Errors
    ///
    /// What is wrong with its file, which is a fault of the program.
    pub fn of(language: Language) -> Result<Self, String> {
        let fault = |what: String| format!("{}.ftl: {what}", language.code());
        let resource = FluentResource::try_new(language.messages().to_owned())
            .map_err(|(_, errors)| fault(format!("{errors:?}")))?;
        let identifier: LanguageIdentifier = language
            .code()
            .parse()
            .map_err(|error| fault(format!("{error}")))?;
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // The marks around what is inserted would be in every text that is copied or searched.
        bundle.set_use_isolating(false);
        bundle
            .add_function("JOSA", |arguments, _| match arguments {
                [FluentValue::Error, _] => FluentValue::Error,
                [word, FluentValue::String(pair)] => {
                    let word = match word {
                        FluentValue::String(text) => Cow::Borrowed(text.as_ref()),
                        FluentValue::Number(number) => number.as_string(),
                        _ => return FluentValue::Error,
                    };
                    particle::after(&word, pair).map_or(FluentValue::Error, FluentValue::from)
                }
                _ => FluentValue::Error,
            })
            .map_err(|error| fault(error.to_string()))?;
        bundle
            .add_resource(resource)
            .map_err(|errors| fault(format!("{errors:?}")))?;
        Ok(Self {
            language,
            bundle,
            faults: Mutex::default(),
        })
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A message with its variables filled in, for [`say!`].
    pub fn say(&self, id: &str, arguments: &[(&str, &dyn Argument)]) -> String {
        let pattern = self.bundle.get_message(id).and_then(|m| m.value());
        let Some(pattern) = pattern else {
            self.note(format!("no message {id}"));
            return id.to_owned();
        };
        let filled: FluentArgs = arguments
            .iter()
            .map(|(name, argument)| (*name, argument.value()))
            .collect();
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&filled), &mut errors);
        for error in errors {
            self.note(format!("{id}: {error}"));
        }
        // A message is wrapped in its file as is convenient there.
        text.replace('\n', " ")
    }

    /// Whether everything could be said.
    ///
    /// # Errors
    ///
    /// What could not.
    pub fn checked(&self) -> Result<(), String> {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        match faults.as_slice() {
            [] => Ok(()),
            faults => Err(faults.join("; ")),
        }
    }

    fn note(&self, fault: String) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    #[test]
    fn the_cautions_of_test_beds_are_the_same_everywhere() {
        let words = Words::of(Language::English).expect("words");
        assert_eq!(say!(words, "page-emulated"), crate::EMULATED);
        assert_eq!(say!(words, "page-synthetic"), crate::SYNTHETIC);
    }

    /// Messages of a file as they are written there, a line each.
    fn messages(language: Language) -> BTreeMap<String, String> {
        let mut messages: BTreeMap<String, String> = BTreeMap::new();
        let mut current = None;
        for line in language.messages().lines().filter(|l| !l.starts_with('#')) {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                let (id, text) = line.split_once(" =").expect("an id and its text");
                let other = messages.insert(id.to_owned(), text.trim().to_owned());
                assert_eq!(other, None, "{id} is there twice");
                current = Some(id.to_owned());
            } else if let Some(text) = current.as_ref().and_then(|id| messages.get_mut(id)) {
                text.push_str(line.trim());
            }
        }
        messages
    }

    fn variables(message: &str) -> BTreeSet<&str> {
        let variables = message.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        });
        variables.collect()
    }

    /// Every source of the crate but this one, which has `say` itself.
    fn sources(directory: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).expect("sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, found);
            } else if !path.ends_with("words.rs") {
                found.push(std::fs::read_to_string(&path).expect("a source"));
            }
        }
    }

    #[test]
    fn languages_have_the_same_messages() {
        let english = messages(Language::English);
        let korean = messages(Language::Korean);
        for (id, message) in &english {
            let other = korean.get(id).map(|korean| variables(korean));
            assert_eq!(other, Some(variables(message)), "{id} in Korean");
        }
        for id in korean.keys() {
            assert!(english.contains_key(id), "{id} in English");
        }
    }

    /// What is the same in both: names and symbols, and what only puts others together.
    const ALIKE: [&str; 19] = [
        "claim-verdict-why",
        "claims-plain-basis",
        "column-bh",
        "column-holm",
        "column-n",
        "column-p",
        "column-qemu",
        "column-sha256",
        "distribution-caption-more",
        "fact-cpu",
        "fact-qemu",
        "fact-smt",
        "figure-alt",
        "method",
        "mixes-caption",
        "panel-title",
        "path-caption",
        "qemu",
        "sources-caption",
    ];
    /// What has signs instead of words in Korean.
    const SIGNS: [&str; 10] = [
        "claim-and-source",
        "fact-flake",
        "from-to",
        "n-of-all",
        "page-numbering",
        "part-of-several",
        "path-step",
        "path-steps-joined",
        "time-seconds",
        "warned-of",
    ];

    #[test]
    fn korean_is_korean() {
        let english = messages(Language::English);
        for (id, korean) in &messages(Language::Korean) {
            let same = english.get(id) == Some(korean);
            let hangul = korean.contains(|c| ('가'..='힣').contains(&c));
            if ALIKE.contains(&id.as_str()) {
                assert!(same, "{id} is no longer alike");
            } else if SIGNS.contains(&id.as_str()) {
                assert!(!hangul, "{id} is no longer without words");
            } else {
                assert!(!same && hangul, "{id} isn't in Korean: {korean}");
            }
        }
    }

    #[test]
    fn messages_are_those_that_the_code_says() {
        let mut code = Vec::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut code,
        );
        let mut said = BTreeSet::new();
        for source in &code {
            for (_, rest) in source
                .match_indices("say!(")
                .map(|(at, m)| (at, &source[at + m.len()..]))
            {
                let (_, rest) = rest.split_once(',').expect("words, and an id");
                let id = rest
                    .trim_start()
                    .strip_prefix('"')
                    .expect("an id, written out");
                said.insert(id.split('"').next().expect("an id").to_owned());
            }
        }
        let there: BTreeSet<String> = messages(Language::English).into_keys().collect();
        let missing: Vec<_> = said.difference(&there).collect();
        let unused: Vec<_> = there.difference(&said).collect();
        assert!(missing.is_empty(), "no message for {missing:?}");
        assert!(unused.is_empty(), "nobody says {unused:?}");
    }

    #[test]
    fn what_cannot_be_said_is_a_fault() {
        let words = Words::of(Language::English).expect("words");
        assert!(words.checked().is_ok());
        say!(words, "no-such-message");
        say!(words, "page-byline");
        let faults = words.checked().expect_err("two faults");
        assert!(
            faults.contains("no-such-message") && faults.contains("page-byline"),
            "{faults}"
        );
    }
}
