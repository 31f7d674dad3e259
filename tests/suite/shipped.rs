//! What the shipped law says and its own tests cannot: that something is not asked, not owed, not declared.

use portcullis::{Policy, embedded};
use serde_json::{Value, json};

/// The decision of the Union's law, as JSON.
fn decide(case: &Value) -> Value {
    let files = embedded::files().into_iter().filter(|f| !f.path.ends_with(".test.gate"));
    let policy = Policy::load(files).unwrap_or_else(|r| panic!("{r}"));
    let decision = policy.decide(&case.to_string()).unwrap_or_else(|r| panic!("{case}\n{r}"));
    let all = serde_json::to_value(decision).unwrap();
    let one = all["policies"].as_array().unwrap().iter().find(|p| p["policy"] == "eu.torture");
    one.unwrap_or_else(|| panic!("{case}: the Union says nothing")).clone()
}

/// An export of goods on which too little is known, with more facts.
fn export(goods: &Value, destination: &str, more: &Value) -> Value {
    let mut case = json!({
        "date": "2026-03-02", "activity": "export", "from": "PL", "destination": destination,
        "sufficient_information": false, "goods": goods
    });
    case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    case
}

/// Arts. 12 and 17 are about applications for an authorisation: where none is needed, they ask for nothing.
#[test]
fn end_user_and_end_use_are_to_be_shown_only_where_an_authorisation_is_needed() {
    let owes = |case: &Value| {
        let answer = decide(case);
        let said = format!("{} {}", answer["duties"], answer["possible"]["duties"]);
        (answer["outcome"].as_str().unwrap().to_owned(), said.contains("Show end-user and end-use"))
    };
    let pava = json!({ "code": "2939 79 90", "kind": "chemical", "cas_numbers": ["2444-46-4"], "military_list_items": [],
        "barbiturate_duration_class": "none" });
    let needed = ("licence_required".to_owned(), true);
    let free = ("permitted".to_owned(), false);
    assert_eq!(owes(&export(&pava, "VN", &json!({}))), needed);
    for (destination, more) in [
        ("XI", json!({})),
        ("VN", json!({ "customs_status": "external_transit" })),
        ("VN", json!({ "controlled_as_dual_use": true })),
        ("GL", json!({ "law_enforcement_in_both": true })),
        ("VN", json!({ "ms_personnel": true, "operation_type": "UN" })),
    ] {
        assert_eq!(owes(&export(&pava, destination, &more)), free, "PAVA to {destination}, {more}");
    }
    let pentobarbital = json!({ "code": "3004 90 00", "kind": "chemical", "cas_numbers": ["57-33-0"],
        "medicinal_product": true, "military_list_items": [] });
    let general = json!({
        "exporter_is_manufacturer": true, "manufacturer_distributor_agreement": true,
        "prior_authorisation_agreement": true, "exporter_barred_from_gea": false, "authority_warned_exporter": false,
        "exporter_knows_or_has_reasonable_grounds": false, "destination_is_free_zone_or_free_warehouse": false
    });
    assert_eq!(owes(&export(&pentobarbital, "JP", &general)), needed);
    for (destination, more) in [
        ("NO", general),
        ("XI", json!({})),
        ("JP", json!({ "customs_status": "external_transit" })),
        ("JP", json!({ "controlled_as_dual_use": true })),
    ] {
        assert_eq!(owes(&export(&pentobarbital, destination, &more)), free, "pentobarbital to {destination}, {more}");
    }
}
