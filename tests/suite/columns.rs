//! Rows from Arrow columns: the same decisions as from CSV, whatever way a column holds its values.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, ListBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Date64Array, Decimal128Array, Float64Array, Int64Array,
    LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray, StructArray, Time32SecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, UInt8Array,
};
use arrow_schema::{DataType, Field, Fields, Schema};
use portcullis::Policy;
use portcullis::screen::columns::{self, Columns};
use portcullis::screen::map::Map;
use portcullis::screen::{Form, Output, Screener, Settings};

use crate::cli::{Folder, run};
use crate::support::{law, load};

const LAW: &str = r#"
fact date: date
fact destination: country
fact documents: set of text
fact urgent: yes/no
fact parcels: count
fact share: number
fact goods.code: code CN
fact goods.kind: one of { whip, rope }
fact goods.length: length

policy island "Island Act" {
  source "Island Act 2020"
  applies when destination is not FR
  known from 2020-01-01
  otherwise permit
}

category listed "Listed goods" {
  cite "Sch. 1"
  code CN ex 6602 00
  when goods.kind is whip
}

rule ban "No whips" { cite "s. 1" when goods in listed then prohibit }
rule haste "No haste" { cite "s. 2" when urgent then prohibit }
rule many "Not many" { cite "s. 3" when parcels > 10 then prohibit }
rule part "Not much" { cite "s. 4" when share > 0.1 then prohibit }
rule papers "No such papers" { cite "s. 5" when any of documents in { "Z9" } then prohibit }
rule long "Not long" { cite "s. 6" when goods.length > 30 cm then prohibit }
"#;

fn policy() -> Policy {
    load(vec![law("law.gate", LAW)]).unwrap()
}

fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// A batch of columns by name; what every row needs is put beside them.
fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let rows = columns[0].1.len();
    let mut all: Vec<(String, ArrayRef)> = columns.into_iter().map(|(n, a)| (n.to_owned(), a)).collect();
    for (name, value) in [("date", "2026-03-02"), ("destination", "TR"), ("goods.code", "0101")] {
        if !all.iter().any(|(n, _)| n == name) {
            all.push((name.to_owned(), text(&vec![Some(value); rows])));
        }
    }
    let fields: Vec<Field> = all.iter().map(|(n, a)| Field::new(n, a.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), all.into_iter().map(|(_, a)| a).collect()).unwrap()
}

fn decide(settings: Settings, batch: &RecordBatch, form: Form) -> Output {
    let policy = policy();
    let screener = Screener::new(&policy, settings).unwrap();
    let columns = Columns::open(&screener, batch.schema_ref()).unwrap();
    let output = columns.rows(&mut screener.desk(form, 10), 0, 1, batch);
    assert_eq!((output.totals.read, output.totals.written()), (batch.num_rows() as u64, batch.num_rows() as u64));
    output
}

/// Outcomes by row, with the rules or what is wrong.
fn outcomes(columns: Vec<(&str, ArrayRef)>) -> Vec<String> {
    let output = decide(Settings::default(), &batch(columns), Form::Rows);
    let say = |r: &portcullis::screen::output::Row| match r.flat.outcome {
        "error" => r.errors.clone(),
        "prohibited" => r.flat.rules.join(" "),
        other => other.to_owned(),
    };
    output.rows.iter().map(say).collect()
}

#[test]
fn texts_of_every_kind_say_the_same() {
    let kinds = [Some("whip"), Some(" rope "), None, Some("")];
    let codes = vec![Some("6602 00 00"); 4];
    let wanted = ["ban", "undetermined", "undetermined", "undetermined"];
    let mut small: StringDictionaryBuilder<Int8Type> = StringDictionaryBuilder::new();
    kinds.iter().for_each(|k| small.append_option(*k));
    let arrays: [ArrayRef; 4] = [
        text(&kinds),
        Arc::new(LargeStringArray::from(kinds.to_vec())),
        Arc::new(StringViewArray::from(kinds.to_vec())),
        Arc::new(small.finish()),
    ];
    for array in arrays {
        let of = array.data_type().clone();
        let found = outcomes(vec![("goods.kind", array), ("goods.code", text(&codes))]);
        assert_eq!(found, wanted, "{of}");
    }
    assert_eq!(outcomes(vec![("goods.kind", Arc::new(NullArray::new(1)))]), ["undetermined"]);
}

#[test]
fn columns_decide_as_csv_does_byte_for_byte() {
    let policy = policy();
    let screener = Screener::new(&policy, Settings::default()).unwrap();
    let rows = [
        ("1", "TR", "66020000", "whip", "40 cm"),
        ("2", "NA", "6602", "rope", ""),
        ("3", "XX", "6602", "rope", "1 cm"),
        ("4", "", "", "whip", "40"),
        ("5", "FR", "0101", "", "300 mm"),
    ];
    let mut csv = "id,date,destination,goods.code,goods.kind,goods.length,urgent,parcels,share,documents\n".to_owned();
    for (id, to, code, kind, length) in rows {
        csv.push_str(&format!("{id},2026-03-02,{to},{code},{kind},{length},no,3,0.1,Z1;Z2\n"));
    }
    type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);
    let column = |f: &dyn Fn(&Row) -> &'static str| {
        text(&rows.iter().map(|r| Some(f(r)).filter(|t| !t.is_empty())).collect::<Vec<_>>())
    };
    let same = |value: &str| text(&vec![Some(value); rows.len()]);
    let batch = batch(vec![
        ("id", column(&|r| r.0)),
        ("destination", column(&|r| r.1)),
        ("goods.code", column(&|r| r.2)),
        ("goods.kind", column(&|r| r.3)),
        ("goods.length", column(&|r| r.4)),
        ("urgent", Arc::new(BooleanArray::from(vec![false; 5]))),
        ("parcels", Arc::new(UInt8Array::from(vec![3; 5]))),
        ("share", Arc::new(Float64Array::from(vec![0.1; 5]))),
        ("documents", same("Z1;Z2")),
    ]);
    let columns = Columns::open(&screener, batch.schema_ref()).unwrap();
    for form in [Form::Csv, Form::Flat, Form::Whole] {
        let (table, length) = portcullis::screen::csv::Table::open(&screener, csv.as_bytes()).unwrap();
        let by_row = table.rows(&mut screener.desk(form, 10), 0, 1, &csv.as_bytes()[length..]);
        let by_column = columns.rows(&mut screener.desk(form, 10), 0, 1, &batch);
        assert_eq!(by_row.text, by_column.text);
        assert_eq!(by_row.problems, by_column.problems);
        assert_eq!(by_row.totals, by_column.totals);
        assert_eq!(by_row.problems.len(), 2, "{:?}", by_row.problems);
    }
}

#[test]
fn numbers_are_read_exactly() {
    let parcels: ArrayRef = Arc::new(Int64Array::from(vec![Some(10), Some(11), None, Some(-1)]));
    let found = outcomes(vec![("parcels", parcels)]);
    assert_eq!(found[..3], ["undetermined", "many", "undetermined"]);
    assert!(found[3].contains("column `parcels`: `-1`"), "{found:?}");
    // One tenth as a floating point number is a little more than one tenth; as a user would write it, it is not.
    let share: ArrayRef = Arc::new(Float64Array::from(vec![0.1, 0.125, f64::NAN, 0.1 + 0.2, 1e300]));
    let found = outcomes(vec![("share", share)]);
    assert_eq!(found[..2], ["undetermined", "part"]);
    assert!(found[2].contains("column `share`: `NaN` is no number"), "{found:?}");
    assert!(found[3].contains("column `share`: `0.30000000000000004`"), "{found:?}");
    assert!(found[4].contains("column `share`"), "{found:?}");
    let share: ArrayRef = Arc::new(Decimal128Array::from(vec![10, 11]).with_precision_and_scale(20, 2).unwrap());
    assert_eq!(outcomes(vec![("share", share)]), ["undetermined", "part"]);
}

#[test]
fn days_are_read_and_times_of_day_are_not() {
    // 2026-03-02 is 20514 days after 1970-01-01.
    const DAY: i64 = 20_514;
    let days: [ArrayRef; 4] = [
        Arc::new(Date32Array::from(vec![DAY as i32])),
        Arc::new(Date64Array::from(vec![DAY * 86_400_000])),
        Arc::new(TimestampMillisecondArray::from(vec![DAY * 86_400_000])),
        Arc::new(TimestampNanosecondArray::from(vec![DAY * 86_400_000_000_000]).with_timezone("UTC")),
    ];
    for days in days {
        let of = days.data_type().clone();
        let batch = batch(vec![("date", days)]);
        let output = decide(Settings::default(), &batch, Form::Whole);
        assert!(output.text.contains("\"as_of\":\"2026-03-02\""), "{of}: {}", output.text);
    }
    let noon: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![DAY * 86_400_000 + 1]));
    assert!(outcomes(vec![("date", noon)])[0].contains("column `date`: this is a time of day"));
    let far: ArrayRef = Arc::new(Date64Array::from(vec![i64::MAX / 86_400_000 * 86_400_000]));
    assert!(outcomes(vec![("date", far)])[0].contains("beyond the calendar"));
    let zone: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![0]).with_timezone("Europe/Berlin"));
    assert!(outcomes(vec![("date", zone)])[0].contains("column `date` holds Timestamp"));
}

#[test]
fn lists_are_sets_and_an_empty_one_says_none() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("Z9"), Some("Z1")]);
    lists.append_value([Some("Z1")]);
    lists.append_value([] as [Option<&str>; 0]);
    lists.append_null();
    lists.append_value([Some("Z1"), None]);
    let others: [(&str, ArrayRef); 4] = [
        ("urgent", Arc::new(BooleanArray::from(vec![false; 5]))),
        ("parcels", Arc::new(Int64Array::from(vec![1; 5]))),
        ("share", Arc::new(Int64Array::from(vec![0; 5]))),
        ("goods.length", text(&[Some("1 cm"); 5])),
    ];
    let with = |documents: ArrayRef| {
        let mut all = others.to_vec();
        all.extend([("documents", documents), ("goods.kind", text(&[Some("rope"); 5]))]);
        outcomes(all)
    };
    let found = with(Arc::new(lists.finish()));
    assert_eq!(found[..4], ["papers", "permitted", "permitted", "undetermined"]);
    assert!(found[4].contains("column `documents`: a part of the list says nothing"), "{found:?}");
    let mut fixed = FixedSizeListBuilder::new(StringBuilder::new(), 1);
    for paper in ["Z9", "Z1", "Z2", "Z3", "Z9"] {
        fixed.values().append_value(paper);
        fixed.append(true);
    }
    assert_eq!(with(Arc::new(fixed.finish())), ["papers", "permitted", "permitted", "permitted", "papers"]);
}

#[test]
fn structs_are_dotted_names_and_null_where_their_struct_is() {
    let fields = Fields::from(vec![Field::new("kind", DataType::Utf8, true), Field::new("code", DataType::Utf8, true)]);
    let columns = vec![text(&[Some("whip"); 2]), text(&[Some("6602 00 00"); 2])];
    let goods = StructArray::new(fields, columns, Some(vec![true, false].into()));
    let schema = Schema::new(vec![
        Field::new("date", DataType::Utf8, true),
        Field::new("destination", DataType::Utf8, true),
        Field::new("goods", goods.data_type().clone(), true),
    ]);
    let columns: Vec<ArrayRef> = vec![text(&[Some("2026-03-02"); 2]), text(&[Some("TR"); 2]), Arc::new(goods)];
    let batch = RecordBatch::try_new(Arc::new(schema), columns).unwrap();
    let output = decide(Settings::default(), &batch, Form::Rows);
    assert_eq!(output.rows.iter().map(|r| r.flat.outcome).collect::<Vec<_>>(), ["prohibited", "undetermined"]);
    let policy = policy();
    let screener = Screener::new(&policy, Settings::default()).unwrap();
    let mut deep = Field::new("x", DataType::Utf8, true);
    for _ in 0..columns::MAX_DEPTH + 1 {
        deep = Field::new("x", DataType::Struct(vec![deep].into()), true);
    }
    assert!(Columns::open(&screener, &Schema::new(vec![deep])).unwrap_err().contains("column `x`"));
}

#[test]
fn a_column_that_cannot_say_it_is_an_error_with_its_name() {
    // A code as a number has lost the zeros in front.
    let found = outcomes(vec![("goods.code", Arc::new(Int64Array::from(vec![1_012_100, 2])))]);
    assert!(found.iter().all(|m| m.contains("column `goods.code` holds Int64")), "{found:?}");
    let found = outcomes(vec![("date", Arc::new(Time32SecondArray::from(vec![1])))]);
    assert!(found[0].contains("column `date` holds Time32"), "{found:?}");
    let mut list = ListBuilder::new(StringBuilder::new());
    list.append_value([Some("whip")]);
    let found = outcomes(vec![("goods", Arc::new(list.finish()))]);
    assert!(found[0].contains("column `goods` holds List"), "{found:?}");
    // What nobody asks for may hold what it likes.
    assert_eq!(outcomes(vec![("other", Arc::new(Time32SecondArray::from(vec![1])))]), ["undetermined"]);
    let long = "x".repeat((1 << 20) + 1);
    assert!(
        outcomes(vec![("goods.kind", text(&[Some(&long)]))])[0].contains("column `goods.kind`: this text is longer")
    );
}

#[test]
fn maps_hold_for_columns_too() {
    let map =
        Map::read("id = \"MRN\"\n[columns]\nWhat = \"goods.kind\"\n[values.\"goods.kind\"]\nW = \"whip\"\n").unwrap();
    let mut what: StringDictionaryBuilder<Int32Type> = StringDictionaryBuilder::new();
    what.append_value("W");
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![7]));
    let batch =
        batch(vec![("MRN", ids), ("What", Arc::new(what.finish())), ("goods.code", text(&[Some("6602 00 00")]))]);
    let output = decide(Settings { map, ..Settings::default() }, &batch, Form::Rows);
    assert_eq!((output.rows[0].id.as_deref(), output.rows[0].flat.outcome), (Some("7"), "prohibited"));
}

#[test]
fn decisions_are_columns_with_what_csv_says() {
    let kinds = [Some("whip"), Some("stick"), Some("rope")];
    let batch = batch(vec![
        ("id", text(&[Some("a"), None, Some("c")])),
        ("goods.kind", text(&kinds)),
        ("goods.code", text(&[Some("6602 00 00"); 3])),
    ]);
    let rows = decide(Settings::default(), &batch, Form::Rows).rows;
    let all = columns::batches(&rows).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].schema(), columns::schema());
    let csv = decide(Settings::default(), &batch, Form::Csv).text;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    for (i, record) in reader.records().map(Result::unwrap).enumerate() {
        for (j, cell) in record.iter().enumerate() {
            let column = all[0].column(j);
            let found = match column.as_any().downcast_ref::<StringArray>() {
                Some(texts) if texts.is_null(i) => String::new(),
                Some(texts) => texts.value(i).to_owned(),
                None => {
                    let yes = column.as_any().downcast_ref::<BooleanArray>().unwrap();
                    if yes.is_null(i) { String::new() } else { yes.value(i).to_string() }
                }
            };
            assert_eq!(found, cell, "row {i}, column {j}");
        }
    }
    let many = columns::batches(&vec![rows[0].clone(); 70_000]).unwrap();
    assert_eq!(many.iter().map(RecordBatch::num_rows).sum::<usize>(), 70_000);
}

#[test]
fn a_large_batch_is_numbered_through_and_its_dictionary_read_once() {
    let mut kinds: StringDictionaryBuilder<Int32Type> = StringDictionaryBuilder::new();
    (0..150_000).for_each(|i| kinds.append_value(if i == 149_999 { "stick" } else { "rope" }));
    let output = decide(Settings::default(), &batch(vec![("goods.kind", Arc::new(kinds.finish()))]), Form::Rows);
    assert_eq!(output.problems.len(), 1);
    assert_eq!((output.problems[0].line, output.problems[0].column.as_deref()), (150_000, Some("goods.kind")));
}

/// A day of rows of text columns, with one country that is none.
fn small_day() -> RecordBatch {
    batch(vec![
        ("id", text(&[Some("1"), Some("2"), Some("3"), Some("4")])),
        ("destination", text(&[Some("TR"), Some("NA"), Some("XX"), None])),
        ("goods.code", text(&[Some("6602 00 00"), Some("66"), Some("66"), Some("0101")])),
        ("goods.kind", text(&[Some("whip"), None, Some("rope"), Some("rope")])),
    ])
}

const SMALL_DAY: &str = "id,destination,goods.code,goods.kind,date\n1,TR,6602 00 00,whip,2026-03-02\n\
    2,NA,66,,2026-03-02\n3,XX,66,rope,2026-03-02\n4,,0101,rope,2026-03-02\n";

fn as_parquet(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn as_arrow(batch: &RecordBatch, stream: bool, packed: bool) -> Vec<u8> {
    let packing = packed.then_some(arrow_ipc::CompressionType::ZSTD);
    let options = arrow_ipc::writer::IpcWriteOptions::default().try_with_compression(packing).unwrap();
    if stream {
        let schema = batch.schema();
        let mut writer = arrow_ipc::writer::StreamWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
        writer.write(batch).unwrap();
        writer.into_inner().unwrap()
    } else {
        let schema = batch.schema();
        let mut writer = arrow_ipc::writer::FileWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
        writer.write(batch).unwrap();
        writer.into_inner().unwrap()
    }
}

fn folder() -> Folder {
    Folder::new().with("law/law.gate", LAW).with("day.csv", SMALL_DAY)
}

#[test]
fn files_of_columns_give_what_csv_gives() {
    let day = small_day();
    let parquet = as_parquet(&day);
    let f = folder()
        .with("day.parquet", parquet.as_slice())
        .with("unnamed", parquet.as_slice())
        .with("day.arrow", as_arrow(&day, false, true))
        .with("day.arrows", as_arrow(&day, true, false))
        .with("stream", as_arrow(&day, true, true))
        .with("day.csv.zst", zstd::encode_all(SMALL_DAY.as_bytes(), 3).unwrap())
        .with("day.arrows.zst", zstd::encode_all(as_arrow(&day, true, false).as_slice(), 3).unwrap());
    for form in ["csv", "flat", "jsonl"] {
        let wanted = run(&f, &format!("screen -p law day.csv -o - --to {form}")).exits(3).stdout;
        assert_eq!(wanted.lines().count(), if form == "csv" { 5 } else { 4 });
        for name in ["day.parquet", "unnamed", "day.arrow", "day.arrows", "stream", "day.csv.zst", "day.arrows.zst"] {
            let found = run(&f, &format!("screen -p law {name} -o - --to {form}")).exits(3);
            assert_eq!(found.stdout, wanted, "{name} as {form}");
            let row = if name.contains("csv") { 4 } else { 3 };
            found.complains(&[&format!("{name}:{row}: column `destination`: `XX`")]);
        }
    }
    let piped = run(&f, "screen -p law -o -").stdin(as_arrow(&day, true, false)).exits(3).stdout;
    assert_eq!(piped, run(&f, "screen -p law day.csv -o -").exits(3).stdout);
    run(&f, "screen -p law -").stdin(parquet).exits(3).complains(&["`-` cannot be read", "has to be a file"]);
}

#[test]
fn parquet_is_written_and_holds_what_csv_holds() {
    let f = folder();
    run(&f, "screen -p law day.csv -o out.parquet").exits(3).says(&["4 rows decided"]);
    let file = std::fs::File::open(f.path().join("out.parquet")).unwrap();
    let builder = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    let cell = |column: usize, row: usize| {
        let texts = batches[0].column(column).as_any().downcast_ref::<StringArray>().unwrap();
        texts.value(row).to_owned()
    };
    let csv = run(&f, "screen -p law day.csv -o -").exits(3).stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((batches.len(), batches[0].num_rows(), records.len()), (1, 4, 4));
    for (row, record) in records.iter().enumerate() {
        for column in [0, 1, 3, 4, 5, 6, 7, 8, 9] {
            assert_eq!(cell(column, row), record[column], "row {row}, column {column}");
        }
    }
}

#[test]
fn broken_files_of_columns_are_errors_of_their_own() {
    let day = small_day();
    let (parquet, file, stream) = (as_parquet(&day), as_arrow(&day, false, true), as_arrow(&day, true, true));
    let f = folder();
    let fails = |name: &str, bytes: Vec<u8>| -> String {
        std::fs::write(f.path().join(name), bytes).unwrap();
        let answer = run(&f, &format!("screen -p law {name} day.csv")).exits(3);
        assert!(!answer.stderr.contains("panicked"), "{}", answer.stderr);
        assert!(answer.stderr.contains(&format!("error: `{name}` cannot be read")), "{}", answer.stderr);
        // What comes after is decided all the same.
        assert!(answer.stdout.contains("4 rows decided"), "{}", answer.stdout);
        answer.stderr
    };
    let lying = |length: u32| {
        let mut bytes = parquet.clone();
        let at = bytes.len() - 8;
        bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
        bytes
    };
    assert!(fails("lying.parquet", lying(u32::MAX)).contains("4294967295 bytes"));
    fails("short.parquet", lying(3));
    assert!(fails("cut.parquet", parquet[..parquet.len() - 20].to_vec()).contains("cut off"));
    fails("tiny.parquet", b"PAR1".to_vec());
    // The first page of the first column, overwritten.
    let mut bytes = parquet.clone();
    bytes[4..60].fill(0xff);
    std::fs::write(f.path().join("page.parquet"), &bytes).unwrap();
    let answer = run(&f, "screen -p law page.parquet").exits(3);
    assert!(answer.stderr.contains("`page.parquet` cannot be read on from row 1"), "{}", answer.stderr);
    assert!(!answer.stderr.contains("panicked"), "{}", answer.stderr);
    // A schema a hundred thousand deep.
    let mut footer = vec![0x15, 2, 0x19, 0xfc, 0xa0, 0x8d, 0x06];
    (0..100_000).for_each(|_| footer.extend([0x48, 1, b'x', 0x15, 2, 0]));
    let mut deep = b"PAR1".to_vec();
    deep.extend_from_slice(&footer);
    deep.extend_from_slice(&(footer.len() as u32).to_le_bytes());
    deep.extend_from_slice(b"PAR1");
    assert!(fails("deep.parquet", deep).contains("deep in each other"));
    assert!(fails("cut.arrow", file[..300].to_vec()).contains("cut off"));
    assert!(fails("cut.arrows", stream[..stream.len() - 100].to_vec()).contains("cut off"));
    let mut head = stream.clone();
    head[4..8].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());
    assert!(fails("head.arrows", head).contains("2147483647 bytes"));
    fails("noise.arrow", b"ARROW1\0\0 and then nothing of the kind".to_vec());
}

#[test]
fn no_byte_changed_in_a_file_of_columns_makes_the_program_panic() {
    let day = small_day();
    let f = folder();
    let files = [
        ("p.parquet", as_parquet(&day)),
        ("a.arrow", as_arrow(&day, false, true)),
        ("s.arrows", as_arrow(&day, true, false)),
    ];
    for (name, bytes) in files {
        for at in (0..bytes.len()).step_by(bytes.len() / 40) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x80;
            std::fs::write(f.path().join(name), &changed).unwrap();
            let answer = run(&f, &format!("screen -p law {name} -o -")).answer();
            assert!([0, 1, 2, 3].contains(&answer.status), "{name}, byte {at}: {} {}", answer.status, answer.stderr);
            assert!(!answer.stderr.contains("panicked"), "{name}, byte {at}: {}", answer.stderr);
        }
    }
}
