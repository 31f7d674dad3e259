//! Test results in the JUnit format, as CI servers read them. No times are written, so that the bytes do not change.

use indexmap::IndexMap;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::policy::Policy;
use crate::report;
use crate::testing::Outcome;

/// One suite a gate file, one case a test or row.
///
/// # Errors
/// What could not be written as XML.
pub(super) fn report(policy: &Policy, outcomes: &[Outcome]) -> Result<String, String> {
    let mut suites: IndexMap<&str, TestSuite> = IndexMap::new();
    for outcome in outcomes {
        let mut parts = outcome.place.rsplitn(3, ':');
        let (_, line, file) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let mut status = TestCaseStatus::success();
        if !outcome.passed() {
            status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let first = outcome.differences.first();
            let message = first.map_or(String::new(), |d| format!("expected {}, got {}", d.expected, d.got));
            let lines: Vec<String> = report::failure(policy, outcome).into_iter().map(|l| l.text).collect();
            status.set_type("difference").set_message(message).set_description(lines.join("\n"));
        }
        let mut case = TestCase::new(outcome.name.as_str(), status);
        case.set_classname(outcome.policy.as_str());
        case.extra.insert("file".into(), file.into());
        case.extra.insert("line".into(), line.into());
        suites.entry(file).or_insert_with(|| TestSuite::new(file)).add_test_case(case);
    }
    let mut report = Report::new("portcullis");
    report.add_test_suites(suites.into_values());
    report.to_string().map_err(|e| format!("the results cannot be written as XML: {e}"))
}
