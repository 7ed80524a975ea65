//! Playbooks to read logs under, as the core and as the oracle take them.

use leadfold_core::{Pipeline, Playbook};
use leadfold_testkit::oracle;
use proptest::prelude::*;

/// The same rules for the core.
pub(crate) fn playbook(rules: &oracle::Rules) -> Playbook {
    let pipeline = |(name, stages): &(String, Vec<String>)| Pipeline {
        name: name.clone(),
        stages: stages.clone(),
    };
    Playbook {
        rules: leadfold_core::Rules {
            illegal: match rules.illegal {
                oracle::Illegal::Apply => leadfold_core::Illegal::Apply,
                oracle::Illegal::Skip => leadfold_core::Illegal::Skip,
            },
            hand_raiser: rules.hand_raiser,
            implied_steps: rules.implied_steps,
            sales_generated: rules.sales_generated,
            require_reasons: rules.require_reasons,
        },
        pipelines: rules.pipelines.iter().map(pipeline).collect(),
        ..Playbook::default()
    }
}

/// So many cases, unless PROPTEST_CASES says otherwise. Failures are printed with what they are
/// about, small enough to become a test; nothing is written to the tree.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let is_given = std::env::var_os("PROPTEST_CASES").is_some();
    if is_given { default } else { ProptestConfig { cases, max_shrink_iters: 20_000, ..default } }
}

/// Any rules; the default ones often.
pub(crate) fn rules() -> impl Strategy<Value = oracle::Rules> {
    let pipelines = prop::sample::select(vec![
        Vec::new(),
        vec![("new".to_owned(), vec!["s1".to_owned(), "s2".to_owned()])],
        vec![
            ("new".to_owned(), vec!["s1".to_owned()]),
            ("old".to_owned(), vec!["s2".to_owned(), "never used".to_owned()]),
        ],
    ]);
    let any = (any::<[bool; 5]>(), pipelines).prop_map(|(switches, pipelines)| oracle::Rules {
        illegal: if switches[0] { oracle::Illegal::Apply } else { oracle::Illegal::Skip },
        hand_raiser: switches[1],
        implied_steps: switches[2],
        sales_generated: switches[3],
        require_reasons: switches[4],
        pipelines,
    });
    prop_oneof![1 => Just(oracle::Rules::default()), 2 => any]
}
