//! The JSON Schema of the decision.

use serde_json::{Value as Json, json};

use crate::eval::decision::SCHEMA;

/// The JSON Schema (2020-12) of a decision, and of a consignment in error, which keeps its place among answers.
pub fn decision_schema() -> Json {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let texts = json!({ "type": "array", "items": text });
    let flag = json!({ "type": "boolean" });
    let may = json!({ "type": ["boolean", "null"] });
    let outcome = json!({ "enum": ["prohibited", "licence_required", "permitted", "not_applicable", "undetermined"] });
    let possible = json!({ "type": "array", "items": { "enum": ["prohibited", "licence_required", "permitted", "not_applicable"] } });
    let object =
        |fields: Json, required: &[&str]| json!({ "type": "object", "properties": fields, "required": required });
    let list = |of: Json| json!({ "type": "array", "items": of });
    let waiting = list(object(json!({ "name": text, "waits_for": texts }), &["name", "waits_for"]));
    let policy = object(
        json!({
            "policy": text, "digest": text, "outcome": outcome, "may_proceed": may, "under": maybe,
            "categories": texts,
            "decided_by": list(object(json!({ "rule": text, "title": text, "cite": text, "effect": { "enum": ["prohibit", "require", "permit"] }, "licence": maybe, "review": maybe, "reason": maybe }), &["rule", "title", "cite", "effect", "licence", "review", "reason"])),
            "defeated": list(object(json!({ "rule": text, "by": text, "cite": text }), &["rule", "by", "cite"])),
            "requirements": list(object(json!({ "licence": text, "rule": text, "reason": maybe, "covered_by": maybe, "failed": texts, "unknown": texts }), &["licence", "rule", "reason", "covered_by", "failed", "unknown"])),
            "duties": list(object(json!({ "duty": text, "when": maybe, "from": text }), &["duty", "when", "from"])),
            "documents": texts, "not_documents": texts,
            "presumed": list(object(json!({ "fact": text, "value": {}, "because": maybe, "milder": flag }), &["fact", "value", "because", "milder"])),
            "excluded": list(object(json!({ "category": text, "because": texts }), &["category", "because"])),
            "near": list(object(json!({ "category": text, "because": text }), &["category", "because"])),
            "claimable": list(object(json!({ "rule": text, "cite": text, "facts": texts }), &["rule", "cite", "facts"])),
            "possible": object(json!({ "outcomes": possible, "categories": waiting, "requirements": waiting, "duties": waiting, "documents": waiting }), &["outcomes", "categories", "requirements", "duties", "documents"]),
            "missing": list(object(json!({ "fact": text, "item": { "type": "integer" }, "ask": text, "answered_by": maybe }), &["fact", "ask", "answered_by"])),
            "resolved": flag, "warnings": texts, "unmodelled": texts, "known_to": maybe,
            "why": { "type": "array", "items": { "$ref": "#/$defs/node" } },
        }),
        &[
            "policy",
            "digest",
            "outcome",
            "may_proceed",
            "under",
            "categories",
            "decided_by",
            "defeated",
            "requirements",
            "duties",
            "documents",
            "not_documents",
            "presumed",
            "excluded",
            "near",
            "claimable",
            "possible",
            "missing",
            "resolved",
            "warnings",
            "unmodelled",
            "known_to",
        ],
    );
    let item = object(
        json!({ "item": { "type": "integer", "minimum": 1 }, "outcome": outcome, "may_proceed": may, "policies": list(policy.clone()) }),
        &["item", "outcome", "may_proceed", "policies"],
    );
    let decision = object(
        json!({
            "schema": { "const": SCHEMA }, "id": maybe, "as_of": { "type": "string", "format": "date" }, "outcome": outcome, "may_proceed": may,
            "policies": list(policy), "items": list(item), "possible_outcomes": possible, "resolved": flag, "warnings": texts,
        }),
        &["schema", "id", "as_of", "outcome", "may_proceed", "possible_outcomes", "resolved", "warnings"],
    );
    let error = object(
        json!({ "schema": { "const": SCHEMA }, "id": {}, "outcome": { "const": "error" }, "may_proceed": { "type": "null" }, "input": text,
            "errors": list(object(json!({ "code": text, "message": text, "place": maybe, "places": list(object(json!({ "place": text, "text": text }), &["place", "text"])), "help": maybe }), &["code", "message"])) }),
        &["schema", "outcome", "errors"],
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        "oneOf": [decision, error],
        "$defs": { "node": object(json!({
            "kind": { "enum": ["rule", "defeats", "otherwise", "entry", "condition", "not", "fact", "code"] },
            "text": text, "truth": { "enum": ["yes", "no", "unknown"] }, "because": text,
            "source": { "enum": ["given", "presumed", "derived", "unknown"] },
            "children": { "type": "array", "items": { "$ref": "#/$defs/node" } },
        }), &["kind", "text", "truth"]) },
    })
}
