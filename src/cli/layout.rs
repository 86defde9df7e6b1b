//! Text for people: aligned tables, and facts under a heading.

/// A table that is printed as it comes, some rows at a time. A column only ever becomes wider.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    titles: Option<[&'static str; N]>,
    widths: [usize; N],
}

impl<const N: usize> Table<N> {
    /// A table with these titles above its columns.
    pub(super) fn new(titles: [&'static str; N]) -> Self {
        Self {
            titles: Some(titles),
            widths: [0; N],
        }
    }

    /// The next rows as lines; the first time with the titles above them.
    pub(super) fn lines(&mut self, rows: Vec<[String; N]>) -> String {
        let titles = self.titles.take().map(|titles| titles.map(str::to_owned));
        let rows: Vec<_> = titles.into_iter().chain(rows).collect();
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        rows.iter().map(|row| self.line(row)).collect()
    }

    fn line(&self, row: &[String; N]) -> String {
        let cells = row.iter().zip(self.widths);
        let line: String = cells
            .map(|(cell, width)| format!("{cell:width$}  "))
            .collect();
        format!("{}\n", line.trim_end())
    }
}

/// Facts about one thing: what each is called, and its values one below the other.
#[derive(Debug, Default)]
pub(super) struct Facts(Vec<(&'static str, Vec<String>)>);

impl Facts {
    /// Adds a fact.
    pub(super) fn add(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, vec![value.into()]));
        self
    }

    /// Adds a fact with several values. Without any it is left out.
    pub(super) fn add_all(mut self, name: &'static str, values: Vec<String>) -> Self {
        if !values.is_empty() {
            self.0.push((name, values));
        }
        self
    }

    /// The facts as lines below `heading`, the values in one column that begins at `width` or further right.
    pub(super) fn under(&self, heading: &str, width: usize) -> String {
        let widest = self
            .0
            .iter()
            .map(|(name, _)| name.len())
            .fold(width, usize::max);
        let mut lines = format!("{heading}\n");
        for (name, values) in &self.0 {
            for (index, value) in values.iter().enumerate() {
                let name = if index == 0 { name } else { "" };
                lines.push_str(&format!("  {name:widest$}  {value}\n"));
            }
        }
        lines
    }
}

/// Text that somebody else wrote, without what could steer a terminal.
pub(super) fn harmless(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// `no sessions`, `1 session`, `2 sessions`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_only_grow() {
        let rows = |first: &str, second: &str| vec![[first.to_owned(), second.to_owned()]];
        let mut table = Table::new(["NAME", "ROLES"]);
        assert_eq!(
            table.lines(rows("adalovelace", "")),
            "NAME         ROLES\nadalovelace\n"
        );
        assert_eq!(table.lines(rows("bö", "x")), "bö           x\n");
        assert_eq!(
            table.lines(rows("charlesbabbage", "x")),
            "charlesbabbage  x\n"
        );
    }

    #[test]
    fn facts_stand_in_two_columns() {
        let facts = Facts::default()
            .add("id", "7")
            .add_all("hosts", vec!["a".into(), "b".into()])
            .add_all("rules", vec![]);
        assert_eq!(
            facts.under("ada", 0),
            "ada\n  id     7\n  hosts  a\n         b\n"
        );
    }

    #[test]
    fn threat_25_a_name_can_not_steer_the_terminal() {
        assert_eq!(harmless("curl\u{1b}[2J\n"), "curl\u{fffd}[2J\u{fffd}");
    }

    #[test]
    fn things_are_counted() {
        assert_eq!(counted(0, "session"), "no sessions");
        assert_eq!(counted(1, "session"), "1 session");
        assert_eq!(counted(2, "session"), "2 sessions");
    }
}
