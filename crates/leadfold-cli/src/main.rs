//! The `leadfold` command.
fn main() {}
