//! Maven CRM: 8,800 opportunities of 30 agents, from CSV tables.

use std::collections::BTreeMap;

use leadfold::core::metrics::{
    By, RevenueBasis, WinRateQuery, WinRateRow, historic_value, win_rate,
};

use crate::data::{Log, assert_days, folder, reference};

fn cents(value: &serde_json::Value) -> i128 {
    (value.as_f64().expect("a number") * 100.0).round() as i128
}

fn won_cents(row: &WinRateRow) -> i128 {
    row.amounts.iter().map(|amount| amount.won).sum()
}

#[test]
fn the_win_rate_and_the_cycles_are_those_of_the_reference() {
    let Some(folder) = folder("maven_crm") else { return };
    let expected = reference(&folder, "reference.json");
    let log = Log::of_csv("maven_crm.toml", &folder);
    let tables = log.tables();
    let row = win_rate(&tables, &WinRateQuery::default()).remove(0);
    assert_eq!(row.rate.num, expected["stages"]["Won"]);
    assert_eq!((row.rate.num, row.rate.den), (4_238, 6_711));
    assert_eq!(row.rate.den - row.rate.num, expected["stages"]["Lost"].as_u64().expect("a number"));
    assert_eq!(row.rate.ratio(), expected["win_rate_count"].as_f64());
    assert_eq!(won_cents(&row), cents(&expected["won_value_sum"]));
    // All lost deals carry no amount: a rate by amount would say 100 %, so there is none.
    assert_eq!(row.amounts[0].ratio(), None);
    assert_days(row.won_after.mean_s, &expected["cycle_days_won"]["mean"]);
    assert_days(row.won_after.p50_s, &expected["cycle_days_won"]["median"]);
    assert_days(row.won_after.max_s, &expected["cycle_days_won"]["max"]);
    assert_days(row.lost_after.mean_s, &expected["cycle_days_lost"]["mean"]);
    assert_days(row.lost_after.p50_s, &expected["cycle_days_lost"]["median"]);
    let open_leads = tables.leads().filter(|lead| lead.state().is_open()).count();
    assert_eq!(open_leads as u64, expected["open_count"].as_u64().expect("a number"));
}

#[test]
fn the_split_by_agent_is_that_of_the_reference() {
    let Some(folder) = folder("maven_crm") else { return };
    let expected = reference(&folder, "reference.json");
    let log = Log::of_csv("maven_crm.toml", &folder);
    let tables = log.tables();
    let mut open: BTreeMap<String, u64> = BTreeMap::new();
    for lead in tables.leads().filter(|lead| lead.state().is_open()) {
        *open.entry(log.name(lead.owner())).or_default() += 1;
    }
    let rows = win_rate(&tables, &WinRateQuery { by: vec![By::Owner], ..Default::default() });
    let agents = expected["by_agent"].as_object().expect("an object");
    assert_eq!(rows.len(), agents.len() + 1, "the total and the agents");
    for row in &rows[1..] {
        let name = log.key_name(&row.key);
        let agent = &agents[&name];
        assert_eq!(row.rate.num, agent["won"], "{name}");
        assert_eq!(row.rate.den - row.rate.num, agent["lost"].as_u64().expect("a number"));
        assert_eq!(won_cents(row), cents(&agent["won_value"]), "{name}");
        assert_eq!(
            open.get(&name).copied().unwrap_or(0),
            agent["open"].as_u64().expect("a number")
        );
    }
}

/// The sums by product and by account, against the plain table.
#[test]
fn products_and_accounts_add_up_to_the_table() {
    let Some(folder) = folder("maven_crm") else { return };
    let log = Log::of_csv("maven_crm.toml", &folder);
    let tables = log.tables();
    let mut by_product: BTreeMap<String, (u64, u64, i128)> = BTreeMap::new();
    let mut by_account: BTreeMap<String, (u64, i128)> = BTreeMap::new();
    let text = std::fs::read_to_string(folder.join("sales_pipeline.csv")).expect("the table");
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let product = if cells[2] == "GTXPro" { "GTX Pro" } else { cells[2] };
        let value = cells[7].parse::<i128>().unwrap_or(0) * 100;
        let entry = by_product.entry(product.into()).or_default();
        match cells[4] {
            "Won" => {
                *entry = (entry.0 + 1, entry.1, entry.2 + value);
                let account = by_account.entry(cells[3].into()).or_default();
                *account = (account.0 + 1, account.1 + value);
            }
            "Lost" => entry.1 += 1,
            _ => {}
        }
    }
    let rows = win_rate(&tables, &WinRateQuery { by: vec![By::Product], ..Default::default() });
    assert_eq!(rows.len(), by_product.len() + 1);
    for row in &rows[1..] {
        let (won, lost, value) = by_product[&log.key_name(&row.key)];
        assert_eq!((row.rate.num, row.rate.den, won_cents(row)), (won, won + lost, value));
    }
    let rows = historic_value(&tables, &[log.attribute("account")], RevenueBasis::default());
    assert_eq!(rows.len(), by_account.len() + 1);
    for row in &rows[1..] {
        let (customers, value) = by_account[&log.key_name(&row.key)];
        assert_eq!((row.customers, row.revenue[0].amount), (customers, value));
    }
    assert_eq!(rows[0].revenue[0].amount, 1_000_553_400);
}
