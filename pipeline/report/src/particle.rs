//! Korean particles, which follow the sound that the word before them ends in.

/// The last sound of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// ㄹ, which (으)로 treats as a vowel.
    Rieul,
    Consonant,
}

/// The one of a pair of particles that fits after a word: the pair is written as in a
/// dictionary, with the one after a consonant first (`은/는`, `이/가`, `을/를`, `과/와`,
/// `으로/로`). None if it is no pair.
pub fn after(word: &str, pair: &str) -> Option<String> {
    let (consonant, vowel) = pair.split_once('/')?;
    let fits = match ending(word) {
        Ending::Vowel => vowel,
        Ending::Rieul if consonant == "으로" => vowel,
        Ending::Rieul | Ending::Consonant => consonant,
    };
    Some(fits.to_owned())
}

/// How a word ends when it is read aloud: what stands in brackets and signs that aren't
/// read are passed over.
fn ending(word: &str) -> Ending {
    let word = without_brackets(word);
    let mut back = word
        .char_indices()
        .rev()
        .skip_while(|(_, c)| !c.is_alphanumeric() && !matches!(c, '%' | '°'));
    let Some((at, last)) = back.next() else {
        return Ending::Vowel;
    };
    match last {
        '가'..='힣' => match (last as u32 - '가' as u32) % 28 {
            0 => Ending::Vowel,
            8 => Ending::Rieul,
            _ => Ending::Consonant,
        },
        '0'..='9' => digit(&word[..at], last),
        // 퍼센트, 도.
        '%' | '°' => Ending::Vowel,
        _ if last.is_ascii_alphabetic() => latin(&word[..=at]),
        _ => Ending::Vowel,
    }
}

/// `virtio (VM)` is read as `virtio`.
fn without_brackets(word: &str) -> &str {
    let word = word.trim_end();
    match (word.ends_with([')', ']']), word.rfind(['(', '['])) {
        (true, Some(at)) if at > 0 => without_brackets(&word[..at]),
        _ => word,
    }
}

/// 영일이삼사오육칠팔구, and 십 백 천 만 억 조 after zeros.
fn digit(before: &str, last: char) -> Ending {
    match last {
        '2' | '4' | '5' | '9' => Ending::Vowel,
        '1' | '7' | '8' => Ending::Rieul,
        '3' | '6' => Ending::Consonant,
        _ => {
            let zeros = 1 + before.chars().rev().take_while(|c| *c == '0').count();
            let rest = &before[..before.len() + 1 - zeros];
            let whole = rest.ends_with(|c: char| c.is_ascii_digit()) && !rest.contains('.');
            // 조 alone ends in a vowel.
            match whole && (12..16).contains(&zeros) {
                true => Ending::Vowel,
                false => Ending::Consonant,
            }
        }
    }
}

/// A word in capitals by the name of its last letter, any other by how it sounds in Korean.
fn latin(word: &str) -> Ending {
    let start = word
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |at| at + 1);
    let word = &word[start..];
    let spelled = word.chars().skip(1).all(|c| c.is_ascii_uppercase());
    let lower = word.to_ascii_lowercase();
    if spelled {
        return match lower.chars().last() {
            // 엘, 알.
            Some('l' | 'r') => Ending::Rieul,
            // 엠, 엔.
            Some('m' | 'n') => Ending::Consonant,
            _ => Ending::Vowel,
        };
    }
    // 넷, 백, 호스트 and the like: a stop after a short vowel closes the syllable, but after
    // another consonant or a long vowel it gets a vowel of its own.
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if ends(&["le", "l", "ll", "el"]) {
        Ending::Rieul
    } else if ends(&["m", "n", "ng", "me", "ne"]) || stop_closes(&lower) {
        Ending::Consonant
    } else {
        Ending::Vowel
    }
}

/// Whether a word ends in k, p or t (or c, b as in `lib`) after a single short vowel.
fn stop_closes(word: &str) -> bool {
    let letters: Vec<char> = word.chars().rev().collect();
    let vowel = |c: &char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    match letters.as_slice() {
        ['k', 'c', short, rest @ ..] | ['k' | 'p' | 't' | 'c' | 'b', short, rest @ ..] => {
            vowel(short) && !rest.first().is_some_and(vowel)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn particles_follow_the_sound() {
        for (word, pair, particle) in [
            ("지연", "은/는", "은"),
            ("처리량", "이/가", "이"),
            ("간섭", "을/를", "을"),
            ("밀도", "과/와", "와"),
            ("서울", "으로/로", "로"),
            ("손실", "을/를", "을"),
            ("VM", "은/는", "은"),
            ("VF", "은/는", "는"),
            ("NIC", "이/가", "가"),
            ("RTT", "을/를", "를"),
            ("TCP", "과/와", "와"),
            ("CPU", "은/는", "는"),
            ("KVM", "이/가", "이"),
            ("SR-IOV", "은/는", "는"),
            ("virtio", "은/는", "는"),
            ("virtio (VM)", "은/는", "는"),
            ("vhost-net", "은/는", "은"),
            ("vhost-user", "은/는", "는"),
            ("veth", "을/를", "를"),
            ("ping", "이/가", "이"),
            ("1", "은/는", "은"),
            ("2", "은/는", "는"),
            ("0.3", "은/는", "은"),
            ("10", "이/가", "이"),
            ("7", "으로/로", "로"),
            ("16", "으로/로", "으로"),
            ("95 %", "은/는", "는"),
            ("0.61 [0.57, 0.66]", "은/는", "은"),
            ("", "은/는", "는"),
            ("1000000000000", "이/가", "가"),
        ] {
            assert_eq!(
                after(word, pair).as_deref(),
                Some(particle),
                "{word} {pair}"
            );
        }
        assert_eq!(after("x", "은"), None);
    }
}
