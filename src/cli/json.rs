//! A JSON array that is printed as it comes, an object a line: for `jq` and for `grep` alike.

use serde::Serialize;

/// The array so far.
#[derive(Debug, Default)]
pub(super) struct Array {
    begun: bool,
}

impl Array {
    /// The next objects.
    pub(super) fn more<T: Serialize>(
        &mut self,
        records: impl IntoIterator<Item = T>,
    ) -> serde_json::Result<String> {
        let mut text = String::new();
        for record in records {
            text.push_str(if self.begun { ",\n " } else { "[" });
            text.push_str(&serde_json::to_string(&record)?);
            self.begun = true;
        }
        Ok(text)
    }

    /// What stands behind the last object.
    pub(super) const fn end(self) -> &'static str {
        if self.begun { "]\n" } else { "[]\n" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_parts_is_one_array() {
        let mut array = Array::default();
        let text = array.more([1, 2]).unwrap() + array.more([3]).unwrap().as_str() + array.end();
        assert_eq!(text, "[1,\n 2,\n 3]\n");
        assert_eq!(Array::default().end(), "[]\n");
    }
}
