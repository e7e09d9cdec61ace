// Titles of the controls, those of controls/CATALOGUE.md (a test compares), and words for what an answer and an outcome mean.

const CONTROL_TITLES = {
    "C-01": "Maker-checker",
    "C-02": "Multi-level thresholds",
    "C-03": "Distinct approvers",
    "C-04": "Approval bound to content",
    "C-05": "Approver ranking",
    "C-06": "Cumulative, invoice",
    "C-07": "Cumulative, customer",
    "C-08": "Cumulative, person",
    "C-09": "Cumulative, pair",
    "C-10": "Currency neutrality",
    "C-11": "Gross, not net",
    "C-12": "Batch",
    "C-13": "Credit-limit rules",
    "C-14": "Temporary limit expiry",
    "C-15": "Hold release single-use",
    "C-16": "Approval expiry",
    "C-17": "Delegation",
    "C-18": "Deputy of last resort",
    "C-19": "Self-dealing",
    "C-20": "Static segregation of duties",
    "C-22": "Dynamic segregation of duties, document",
    "C-23": "Dynamic segregation of duties, customer history",
    "C-24": "Mitigated conflicts",
    "C-25": "Bots prepare, never approve",
    "C-26": "No shared or generic ids",
    "C-27": "Reason to account map",
    "C-28": "Dormant accounts",
    "C-29": "Leavers and movers",
    "C-30": "Access review",
    "C-31": "Dual control for governance",
    "C-32": "Administrators have no business power",
    "C-33": "Dispute hygiene",
    "C-34": "Related customers",
    "C-35": "Credit within what remains",
    "C-36": "Tax proportionality",
    "C-37": "Mandatory reason and evidence",
    "C-38": "Duplicate detection",
    "C-39": "Period lock",
    "C-40": "Backdating and forward-dating",
    "C-41": "Write-off preconditions",
    "C-42": "Block after a write-off",
    "C-43": "Reversal discipline",
    "C-44": "Balanced and complete",
    "C-51": "Emergency access",
    "C-52": "Key lifecycle",
    "C-53": "Chain integrity and completeness",
    "C-54": "Fail-stop logging",
};

const ANSWERS = { deny: "refuses", need: "asks for more", flag: "notes" };

const STATES = {
    posted: "posted", "in-force": "in force", waiting: "waiting", refused: "refused", lapsed: "lapsed", rejected: "rejected",
    returned: "returned", withdrawn: "withdrawn", approved: "approved", repeat: "repeated", reversed: "reversed",
};

// "write-off" as "write-off", "second-officer" as "second officer": codes are for machines, their words for people.
function inWords(code) {
    return typeof code === "string" ? code.replace(/[-_]/g, " ") : "";
}

function kindInWords(kind) {
    return typeof kind === "string" ? kind.replace(/-/g, kind === "write-off" ? "-" : " ") : "";
}

// An answer's inputs as pairs of words, amounts with their thousands.
function inputsOf(answer) {
    return Object.entries(answer).filter(([name]) => !["answer", "code", "control"].includes(name))
        .map(([name, value]) => [inWords(name), valueInWords(value)]);
}

function valueInWords(value) {
    if (Array.isArray(value)) {
        return value.map(valueInWords).join(", ");
    }
    if (isObject(value)) {
        return Object.entries(value).map(([name, one]) => `${inWords(name)} ${valueInWords(one)}`).join(", ");
    }
    return typeof value === "string" && /^-?\d+\.\d+$/.test(value) ? shownAmount(value) : String(value);
}
