// What the editor shows on pages of its own: a bundle beside the extension's, loaded when the first of them is opened.
export { comparisonText } from "./comparison.ts";
export { firingsPage } from "./firingsPage.ts";
export { JOB_PAGE_COMMANDS, jobPage } from "./jobPage.ts";
export { pairedPage, pairingPage } from "./pairingPage.ts";
export { rehearsalPage } from "./rehearsalPage.ts";
export { shownSessions, usagePage } from "./usagePage.ts";
