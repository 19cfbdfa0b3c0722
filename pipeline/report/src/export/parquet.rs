//! Parquet: a table's columns, numbers as 64-bit floats, texts as they are.

use polars::prelude::{Column, DataFrame};
use polars_io::parquet::write::ParquetWriter;

use super::typed::{self, Values};
use crate::view::Table;

pub(super) fn bytes(table: &Table) -> Result<Vec<u8>, String> {
    let columns = typed::columns(table)
        .into_iter()
        .map(|(name, values)| match values {
            Values::Text(texts) => Column::new(name.into(), texts),
            Values::Numbers(numbers) => Column::new(name.into(), numbers),
        });
    let mut frame =
        DataFrame::new(table.rows.len(), columns.collect()).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .finish(&mut frame)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use polars_io::SerReader;
    use polars_io::parquet::read::ParquetReader;

    #[test]
    fn it_reads_back() {
        let bytes = super::bytes(&super::super::hostile()).expect("made");
        assert_eq!(bytes, super::bytes(&super::super::hostile()).expect("made"));
        let frame = ParquetReader::new(std::io::Cursor::new(bytes))
            .finish()
            .expect("read");
        assert_eq!(frame.shape(), (3, 7));
        let arms = frame.column("Arm").expect("it").str().expect("texts");
        assert_eq!(arms.get(0), Some("=cmd|' /C calc'!A0"));
        let low = frame
            .column("Interval_low")
            .expect("it")
            .f64()
            .expect("numbers");
        assert_eq!((low.get(0), low.get(2)), (Some(-2.0), None));
    }
}
