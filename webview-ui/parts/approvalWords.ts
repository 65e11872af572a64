import { createApprovalWords } from "../../src/base/text/approvalSentences.ts";
import { t } from "./texts.ts";

/** Why it is asked and what an answer covers, in the editor's language. */
export const approvalWords = createApprovalWords({ t });
