//! Which modules and crates a Rust source names: no more of a parser than that takes.

/// Crates that some layer must not use.
const WATCHED: [&str; 4] = ["axum", "reqwest", "sqlx", "tokio"];

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Used {
    /// A module at the root of our crate.
    Module(String),
    /// A watched crate.
    Crate(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Path,
    Sign(char),
}

type Tokens = [(usize, Token)];

/// Everything that the text of `module` uses, with its line.
pub(crate) fn uses(module: &[String], text: &str) -> Vec<(usize, Used)> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut here = module.to_vec();
    let mut open = Vec::new();
    let mut depth = 0_usize;
    for (at, (line, token)) in tokens.iter().enumerate() {
        match token {
            Token::Sign('{') => {
                depth += 1;
                // `mod name {`
                if let [.., Token::Word(keyword), Token::Word(name)] =
                    before(&tokens, at).as_slice()
                    && keyword == "mod"
                {
                    here.push(name.clone());
                    open.push(depth);
                }
            }
            Token::Sign('}') => {
                if open.pop_if(|opened| *opened == depth).is_some() {
                    here.pop();
                }
                depth = depth.saturating_sub(1);
            }
            Token::Word(word) if begins_path(&tokens, at) => match word.as_str() {
                "crate" | "doorward" => from(&tokens, at, Vec::new(), &mut found),
                "self" => from(&tokens, at, here.clone(), &mut found),
                "super" => from(&tokens, at, parent(&here), &mut found),
                _ if WATCHED.contains(&word.as_str()) && names_crate(&tokens, at) => {
                    found.push((*line, Used::Crate(word.clone())));
                }
                _ => {}
            },
            _ => {}
        }
    }
    found
}

/// Follows a path whose first word, at `at`, leads to `place`.
fn from(tokens: &Tokens, mut at: usize, mut place: Vec<String>, found: &mut Vec<(usize, Used)>) {
    while tokens
        .get(at + 1)
        .is_some_and(|(_, next)| *next == Token::Path)
    {
        at += 2;
        match tokens.get(at) {
            Some((_, Token::Word(word))) if word == "super" => place = parent(&place),
            Some((line, Token::Word(word))) if place.is_empty() => {
                found.push((*line, Used::Module(word.clone())));
                return;
            }
            Some((_, Token::Sign('{'))) if place.is_empty() => return group(tokens, at, found),
            _ => break,
        }
    }
    // A path within the module, or `super` alone.
    let line = tokens.get(at).map_or(0, |(line, _)| *line);
    found.extend(
        place
            .first()
            .map(|module| (line, Used::Module(module.clone()))),
    );
}

/// The first word of each element of `{a::x, b::{y, z}}`.
fn group(tokens: &Tokens, open: usize, found: &mut Vec<(usize, Used)>) {
    let mut depth = 0_usize;
    let mut first = false;
    for (line, token) in &tokens[open..] {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') if depth == 1 => return,
            Token::Sign('}') => depth -= 1,
            Token::Word(word) if first && word != "self" => {
                found.push((*line, Used::Module(word.clone())));
            }
            _ => {}
        }
        first = depth == 1 && matches!(token, Token::Sign('{' | ','));
    }
}

fn parent(module: &[String]) -> Vec<String> {
    module
        .split_last()
        .map(|(_, parent)| parent.to_vec())
        .unwrap_or_default()
}

/// The two tokens before `at`.
fn before(tokens: &Tokens, at: usize) -> Vec<Token> {
    tokens[at.saturating_sub(2)..at]
        .iter()
        .map(|(_, token)| token.clone())
        .collect()
}

/// Whether the word at `at` is not itself a later part of a path.
fn begins_path(tokens: &Tokens, at: usize) -> bool {
    match before(tokens, at).as_slice() {
        [Token::Word(word), Token::Path] => matches!(word.as_str(), "use" | "dyn" | "mut" | "in"),
        [Token::Sign('>'), Token::Path] => false,
        _ => true,
    }
}

/// Whether the word at `at` is a crate's name: `sqlx::…`, `use sqlx;`, `use sqlx as …`.
fn names_crate(tokens: &Tokens, at: usize) -> bool {
    let in_use = matches!(before(tokens, at).last(), Some(Token::Word(word)) if word == "use" || word == "crate");
    in_use
        || tokens
            .get(at + 1)
            .is_some_and(|(_, next)| *next == Token::Path)
}

/// Words and signs with their lines, without comments, strings, characters and lifetimes.
fn tokens(text: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let end = match chars[at] {
            '/' if chars[at..].starts_with(&['/', '/']) => find(&chars, at, &['\n']),
            '/' if chars[at..].starts_with(&['/', '*']) => comment_end(&chars, at),
            '"' => string_end(&chars, at),
            '\'' => quote_end(&chars, at),
            ':' if chars.get(at + 1) == Some(&':') => {
                tokens.push((line, Token::Path));
                at + 2
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = at
                    + chars[at..]
                        .iter()
                        .take_while(|c| c.is_alphanumeric() || **c == '_')
                        .count();
                let word: String = chars[at..end].iter().collect();
                raw_string_end(&chars, end, &word).unwrap_or_else(|| {
                    tokens.push((line, Token::Word(word)));
                    end
                })
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push((line, Token::Sign(c)));
                }
                at + 1
            }
        };
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    tokens
}

/// Where `needle` begins at or after `at`; the end of the text without one.
fn find(chars: &[char], at: usize, needle: &[char]) -> usize {
    let found = chars[at..]
        .windows(needle.len())
        .position(|window| window == needle);
    found.map_or(chars.len(), |offset| at + offset)
}

fn comment_end(chars: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at < chars.len() {
        if chars[at..].starts_with(&['/', '*']) {
            depth += 1;
            at += 2;
        } else if chars[at..].starts_with(&['*', '/']) {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn string_end(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// The end of `r"…"`, `br#"…"#` and the like, when `word` begins one that goes on at `at`.
fn raw_string_end(chars: &[char], at: usize, word: &str) -> Option<usize> {
    if !matches!(word, "r" | "br" | "cr") {
        return None;
    }
    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + hashes) != Some(&'"') {
        return None;
    }
    let mut close = vec!['"'];
    close.extend(std::iter::repeat_n('#', hashes));
    Some((find(chars, at + hashes + 1, &close) + close.len()).min(chars.len()))
}

/// The end of a character, or of the quote alone where a lifetime begins.
fn quote_end(chars: &[char], start: usize) -> usize {
    match (chars.get(start + 1), chars.get(start + 2)) {
        (Some('\\'), _) => (find(chars, start + 3, &['\'']) + 1).min(chars.len()),
        (_, Some('\'')) => start + 3,
        _ => start + 1,
    }
}
