// What the editor lets one choose in several steps: a bundle of its own, loaded at the first choice.
export { applyText } from "./applyText.ts";
export { chooseApproval, chooseOffer, coversWords } from "./approvalChoices.ts";
export { answerProposal, closeOnceAnswered, openProposal } from "./proposalDiff.ts";
export { acceptPairing, refusePairing, removePerson, restartChannel } from "./channelPeople.ts";
export { pairPhone, removePhone } from "./phones.ts";
export { setUpDiscord } from "./setUpDiscord.ts";
export { setUpTelegram } from "./setUpTelegram.ts";
export { deleteSessions } from "./deleteSessions.ts";
export { acceptPlan, editPlan } from "./waitingPlan.ts";
export { saveExport } from "./saveExport.ts";
export { showRules } from "./showRules.ts";
export { chooseModel, chooseModels, pickModel } from "../settings/pickModel.ts";
export { pickMode } from "../settings/pickMode.ts";
export { setUpModel } from "../settings/setUpModel.ts";
