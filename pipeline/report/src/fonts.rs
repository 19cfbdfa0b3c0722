//! The fonts that the program brings along, and none of the machine's.

use std::sync::LazyLock;

use ttf_parser::Face;
use typst::foundations::Bytes;
use typst::text::Font;
use typst_kit::fonts::FontStore;

use crate::words::Language;

/// Noto Sans CJK KR, regular and bold, as templates/fonts/make makes it: the Hangul of KS X 1001
/// and the Latin beside it.
const HANGUL: [&[u8]; 2] = [
    include_bytes!("../../../templates/fonts/NotoSansCJKkr-Regular.otf"),
    include_bytes!("../../../templates/fonts/NotoSansCJKkr-Bold.otf"),
];

/// The family that a report's text is in; other scripts are taken from whichever font has them.
pub fn family(language: Language) -> &'static str {
    match language {
        Language::English => "Libertinus Serif",
        Language::Korean => "Noto Sans CJK KR",
    }
}

/// Every font file.
pub fn files() -> impl Iterator<Item = &'static [u8]> {
    typst_assets::fonts().chain(HANGUL)
}

/// The fonts for Typst.
pub fn store() -> FontStore {
    let mut store = FontStore::new();
    let fonts = files().flat_map(|data| Font::iter(Bytes::new(data)));
    store.extend(fonts.map(|font| {
        let info = font.info().clone();
        (font, info)
    }));
    store
}

/// The bold face of Libertinus Serif, which is wider than the regular one.
static LATIN: LazyLock<Option<Face<'static>>> = LazyLock::new(|| {
    typst_assets::fonts().find_map(|data| {
        let info = typst::text::FontInfo::iter(data).next()?;
        let upright = info.variant.style == typst::text::FontStyle::Normal;
        let bold = info.variant.weight.to_number() == 700;
        (info.family == family(Language::English) && upright && bold)
            .then(|| Face::parse(data, 0).ok())?
    })
});

static KOREAN: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| HANGUL.last().and_then(|data| Face::parse(data, 0).ok()));

/// The reader's fonts of a web page run wider than that which Latin text is measured in.
const SLACK: f64 = 1.22;

/// Width of a character in ems, whichever font it is shown in.
pub fn advance(c: char) -> f64 {
    let of = |face: &Option<Face<'static>>| {
        let face = face.as_ref()?;
        let advance = face.glyph_hor_advance(face.glyph_index(c)?)?;
        Some(f64::from(advance) / f64::from(face.units_per_em()))
    };
    if let Some(latin) = of(&LATIN) {
        return latin * SLACK;
    }
    // No font of Hangul is wider than its square; what all fonts here lack is most often a
    // script with wide characters.
    of(&KOREAN).map_or(SLACK, |hangul| hangul.max(1.0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn korean_reports_have_every_character_in_one_family() {
        let text = include_str!("../../../templates/words/ko.ftl");
        let needed: BTreeSet<char> = text.chars().filter(|c| !c.is_control()).collect();
        for data in HANGUL {
            let face = Face::parse(data, 0).expect("a font");
            let missing: String = needed
                .iter()
                .filter(|c| face.glyph_index(**c).is_none())
                .collect();
            assert!(missing.is_empty(), "templates/fonts/make lacks {missing}");
        }
    }

    #[test]
    fn hangul_is_that_of_korea() {
        for data in HANGUL {
            let mut fonts = Font::iter(Bytes::new(data));
            let font = fonts.next().expect("a font");
            assert_eq!(font.info().family, family(Language::Korean));
        }
        assert_eq!(advance('한'), 1.0);
        assert!(advance('i') < 0.5 && advance('🦀') == SLACK);
    }
}
