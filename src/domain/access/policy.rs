//! Rules, and the judgement over all views of a path.
//!
//! Must not let any view of a path be judged more openly than that view alone would be.

use crate::domain::access::{Access, Method};
use crate::domain::ids::Role;
use crate::domain::path::{PathPattern, PatternError, RequestPath, View};

/// One line of an app's `rules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The paths it covers.
    pub pattern: PathPattern,
    /// The methods it covers; none means all. GET includes HEAD.
    pub methods: Vec<Method>,
    /// Who may pass.
    pub access: Access,
    /// Any one of these is needed. They mean something for [`Access::User`] alone; elsewhere the configuration refuses
    /// them and judging ignores them.
    pub roles: Vec<Role>,
}

impl Rule {
    fn covers(&self, view: &View<'_>, method: &Method) -> bool {
        let methods =
            self.methods.is_empty() || self.methods.iter().any(|covered| covered.covers(method));
        methods && self.pattern.matches(view)
    }
}

/// The patterns of Doorward's own pages below `base_path`, which is empty or begins with a slash.
///
/// # Errors
///
/// When `base_path` is not a plain path.
pub fn own_pages(base_path: &str) -> Result<Vec<PathPattern>, PatternError> {
    let pages = ["/login", "/logout", "/register", "/account"];
    let forms = pages
        .iter()
        .flat_map(|page| [format!("{base_path}{page}"), format!("{base_path}{page}/*")]);
    forms.map(|form| PathPattern::parse(&form)).collect()
}

/// Everything that an app says about who may see what.
#[derive(Debug, Clone)]
pub struct Policy {
    rules: Vec<Rule>,
    default_access: Access,
    exempt: Vec<PathPattern>,
    /// Whether some pattern has upper-case letters, so that even an all-lower-case path must be compared twice.
    has_case: bool,
    /// Whether some pattern ends in a slash.
    ends_in_slash: bool,
}

/// What judged a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The pages of Doorward, or the app's own sign-in page.
    OwnPages,
    /// The rule at this index, counted from 0.
    Rule(usize),
    /// No rule: the app's `default_access`.
    Default,
}

/// How one view of a path was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement<'p> {
    /// Who may pass.
    pub access: Access,
    /// The roles of which one is needed; empty for none.
    pub roles: &'p [Role],
    /// What said so.
    pub source: Source,
}

/// What a request needs in order to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement<'p> {
    access: Access,
    role_groups: Vec<&'p [Role]>,
    source: Source,
}

impl<'p> Requirement<'p> {
    /// Who may pass.
    #[must_use]
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Groups of roles. Of each a user needs one. Empty unless the access is [`Access::User`].
    #[must_use]
    pub fn role_groups(&self) -> &[&'p [Role]] {
        &self.role_groups
    }

    /// What decided; of several the first.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// Whether somebody with `roles` has what is needed. Says nothing of whether there is a session, and is never true
    /// for [`Access::Deny`].
    #[must_use]
    pub fn satisfied_by(&self, roles: &[Role]) -> bool {
        let one_of = |group: &&[Role]| group.iter().any(|role| roles.contains(role));
        self.access != Access::Deny && self.role_groups.iter().all(one_of)
    }

    fn tighten(&mut self, judged: Judgement<'p>) {
        if judged.access > self.access {
            self.access = judged.access;
            self.source = judged.source;
        }
        let asks = judged.access == Access::User && !judged.roles.is_empty();
        if asks && !self.role_groups.contains(&judged.roles) {
            self.role_groups.push(judged.roles);
        }
    }
}

impl Policy {
    /// A policy. Paths that `exempt` covers are public before any rule is asked.
    #[must_use]
    pub fn new(rules: Vec<Rule>, default_access: Access, exempt: Vec<PathPattern>) -> Self {
        let patterns = || exempt.iter().chain(rules.iter().map(|rule| &rule.pattern));
        let has_case = patterns().any(PathPattern::has_case);
        let ends_in_slash = patterns().any(PathPattern::ends_in_slash);
        Self {
            rules,
            default_access,
            exempt,
            has_case,
            ends_in_slash,
        }
    }

    /// The same policy, with these paths exempt as well.
    #[must_use]
    pub fn exempting(mut self, more: Vec<PathPattern>) -> Self {
        self.exempt.extend(more);
        Self::new(self.rules, self.default_access, self.exempt)
    }

    /// The rules, in the order in which they are asked.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What holds where no rule does.
    #[must_use]
    pub const fn default_access(&self) -> Access {
        self.default_access
    }

    /// What a request for `path` needs: of all views of the path the strictest judgement, and the roles of each.
    #[must_use]
    pub fn judge(&self, path: &RequestPath<'_>, method: &Method) -> Requirement<'_> {
        let mut needed = Requirement {
            access: Access::Public,
            role_groups: Vec::new(),
            source: Source::Default,
        };
        let mut first = true;
        for (_, judged) in self.judgements(path, method) {
            if first {
                needed.source = judged.source;
                first = false;
            }
            needed.tighten(judged);
            if needed.access == Access::Deny {
                break;
            }
        }
        if needed.access == Access::Deny {
            needed.role_groups.clear();
        }
        needed
    }

    /// How each view of `path` that can make a difference is judged, the path as it was sent first.
    pub fn judgements<'s: 'a, 'a>(
        &'s self,
        path: &'a RequestPath<'_>,
        method: &'a Method,
    ) -> impl Iterator<Item = (View<'a>, Judgement<'s>)> {
        let telling = path.views().filter(|view| self.tells_apart(view));
        telling.map(|view| (view, self.judge_view(&view, method)))
    }

    /// How one view is judged: own pages first, then the first rule that covers it, then the default.
    pub(super) fn judge_view(&self, view: &View<'_>, method: &Method) -> Judgement<'_> {
        if self.exempt.iter().any(|pattern| pattern.matches(view)) {
            return Judgement {
                access: Access::Public,
                roles: &[],
                source: Source::OwnPages,
            };
        }
        let mut numbered = self.rules.iter().enumerate();
        match numbered.find(|(_, rule)| rule.covers(view, method)) {
            Some((index, rule)) => {
                let roles = if rule.access == Access::User {
                    rule.roles.as_slice()
                } else {
                    &[]
                };
                Judgement {
                    access: rule.access,
                    roles,
                    source: Source::Rule(index),
                }
            }
            None => Judgement {
                access: self.default_access,
                roles: &[],
                source: Source::Default,
            },
        }
    }

    /// Whether `view` can be judged differently from the view of the same text that takes it as it is. Spares most
    /// requests three comparisons of four.
    fn tells_apart(&self, view: &View<'_>) -> bool {
        let case = !view.ignores_case() || self.has_case || !view.is_folded();
        let slash = !view.ignores_trailing_slash() || self.ends_in_slash || view.ends_in_slash();
        case && slash
    }
}
