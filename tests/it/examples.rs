//! The examples run, and what they assert holds.

#[path = "../../examples/as_of_and_known_at.rs"]
mod as_of_and_known_at;
#[path = "../../examples/customer_value.rs"]
mod customer_value;
#[path = "../../examples/embed_in_a_product.rs"]
mod embed_in_a_product;
#[path = "../../examples/funnel_from_a_log.rs"]
mod funnel_from_a_log;
#[path = "../../examples/own_projection.rs"]
mod own_projection;
#[path = "../../examples/replay_audit.rs"]
mod replay_audit;
#[path = "../../examples/which_model.rs"]
mod which_model;

#[test]
fn as_of_and_known_at_runs() {
    as_of_and_known_at::main().expect("the example succeeds");
}

#[test]
fn customer_value_runs() {
    customer_value::main().expect("the example succeeds");
}

#[test]
fn embed_in_a_product_runs() {
    embed_in_a_product::main().expect("the example succeeds");
}

#[test]
fn funnel_from_a_log_runs() {
    funnel_from_a_log::main().expect("the example succeeds");
}

#[test]
fn own_projection_runs() {
    own_projection::main().expect("the example succeeds");
}

#[test]
fn replay_audit_runs() {
    replay_audit::main().expect("the example succeeds");
}

#[test]
fn which_model_runs() {
    which_model::main().expect("the example succeeds");
}
