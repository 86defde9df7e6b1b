//! The walker: takes the file and the environment apart, section by section, and collects what is wrong.
//!
//! Must not know any section. A section reads all its keys first and only then gives up, so that one bad value hides
//! no other.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::config::declaration::{Section, nearest, owner_of};
use crate::config::env::Variables;
use crate::config::errors::{Problems, Wrong};
use crate::config::fields::Fields;
use crate::domain::ids::AppId;

/// The whole input, from which sections are taken.
pub(super) struct Reader {
    file: Table,
    variables: Variables,
    sections: &'static [&'static Section],
    pub(super) problems: Problems,
}

/// The ids of a section by id.
pub(super) struct Ids {
    /// Those that are ids.
    pub(super) good: BTreeSet<String>,
    /// Whether there were no others.
    pub(super) all_good: bool,
}

impl Reader {
    /// Begins a walk. Unknown sections and unknown variables are recorded at once.
    pub(super) fn new(
        file: Table,
        environment: impl IntoIterator<Item = (String, String)>,
        sections: &'static [&'static Section],
    ) -> Self {
        let mut problems = Problems::default();
        refuse_unknown_sections(&file, sections, &mut problems);
        let variables = Variables::sort(environment, sections, &mut problems);
        Self {
            file,
            variables,
            sections,
            problems,
        }
    }

    /// The keys of a section that exists once.
    pub(super) fn section(&mut self, section: &'static Section) -> Fields<'_> {
        let table = match self.file.remove(section.name) {
            Some(Value::Table(table)) => table,
            _ => Table::new(),
        };
        self.fields(section, section.name.to_owned(), table)
    }

    /// The ids of a section by id, from the file and the environment. What is no section is recorded.
    pub(super) fn ids(&mut self, section: &'static Section) -> Ids {
        let mut ids = Ids {
            good: self.variables.ids(section),
            all_good: true,
        };
        let sections = match self.file.get_mut(section.name) {
            None => return ids,
            Some(Value::Table(sections)) => sections,
            Some(_) => {
                return Ids {
                    all_good: false,
                    ..ids
                };
            }
        };
        for (id, value) in sections {
            match wrong_section(section, id, value) {
                None => {
                    ids.good.insert(id.clone());
                }
                Some(wrong) => {
                    ids.all_good = false;
                    self.problems.add(format!("{}.{id}", section.name), wrong);
                }
            }
        }
        ids
    }

    /// Adds a section that the file does not have.
    pub(super) fn insert(&mut self, section: &Section, id: &str, table: Table) {
        let sections = self
            .file
            .entry(section.name)
            .or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(sections) = sections {
            sections.insert(id.to_owned(), Value::Table(table));
        }
    }

    /// The keys of a section by id.
    pub(super) fn section_by_id(&mut self, section: &'static Section, id: &str) -> Fields<'_> {
        let tables = self
            .file
            .get_mut(section.name)
            .and_then(Value::as_table_mut);
        let table = match tables.and_then(|tables| tables.remove(id)) {
            Some(Value::Table(table)) => table,
            _ => Table::new(),
        };
        self.fields(section, format!("{}.{id}", section.name), table)
    }

    fn fields(&mut self, section: &'static Section, path: String, table: Table) -> Fields<'_> {
        let variables = self.variables.take(&path);
        let mut fields = Fields::new(path, table, variables, &mut self.problems);
        fields.refuse_unknown(section, self.sections);
        fields
    }
}

fn refuse_unknown_sections(file: &Table, sections: &[&Section], problems: &mut Problems) {
    let names = || sections.iter().map(|section| section.name);
    for (name, value) in file.iter() {
        let wrong = match sections.iter().find(|section| section.name == name) {
            Some(_) if value.is_table() => continue,
            Some(section) if section.by_id => Wrong::new("is not a section", by_id(section)),
            Some(_) => Wrong::new(
                "is not a section",
                format!("begin one with a line [{name}]"),
            ),
            None => {
                let near = nearest(name, names()).map(|meant| format!("did you mean {meant}?"));
                let remedy = near.or_else(|| owner_of(name, sections));
                let all = || {
                    format!(
                        "the sections are {}",
                        names().collect::<Vec<_>>().join(", ")
                    )
                };
                Wrong::new("is not a section", remedy.unwrap_or_else(all))
            }
        };
        problems.add(name, wrong);
    }
}

fn by_id(section: &Section) -> String {
    format!(
        "begin a section with its id, such as [{}.shop]",
        section.name
    )
}

/// What is wrong with a section by id as a whole.
fn wrong_section(section: &Section, id: &str, value: &Value) -> Option<Wrong> {
    if !value.is_table() {
        return Some(Wrong::new(
            "stands where a section by id is expected",
            by_id(section),
        ));
    }
    let error = id.parse::<AppId>().err()?;
    let remedy = format!("write [{}.{}]", section.name, slug_like(id, section));
    Some(Wrong::new(format!("the id {error}"), remedy))
}

/// The id that was probably meant by one with characters that no id has.
fn slug_like(id: &str, section: &Section) -> String {
    let dashed = id.to_ascii_lowercase().replace(['_', ' ', '.'], "-");
    let usable = dashed.parse::<AppId>().is_ok();
    if usable {
        dashed
    } else {
        format!("my-{}", section.name.trim_end_matches('s'))
    }
}
