import { plural, t } from "../parts/texts.ts";

/** What the page for phones says besides what the panel says. */
export const phoneWords = {
  pairTitle: t("Pair this phone"),
  pairHow: t(
    "On your computer run “pincer phone pair”, or in VS Code “Pincer: Pair a phone…”. Scan the picture, or type the eight letters here.",
  ),
  pairHome: t(
    "On an iPhone add this page to the home screen first, and type the letters there: what is kept here is not kept there.",
  ),
  code: t("Code"),
  pair: t("Pair"),
  pairing: t("Pairing…"),
  codeShort: t("Type all eight letters."),
  lost: t("This phone is not paired any more."),
  away: t("Your computer cannot be reached."),
  awayHint: t("It is tried again by itself. Nothing here is newer than the connection."),
  connecting: t("Connecting…"),
  waitsForYou: t("Waits for you"),
  notKnown: t("Not known yet: nothing has come from your computer."),
  nothingWaits: t("Nothing waits for you."),
  questionsWait: (count: number) =>
    plural(count, "{0} question waits at your computer.", "{0} questions wait at your computer."),
  allSessions: t("Sessions"),
  noSessions: t("There are no sessions yet."),
  back: t("Back"),
  inSession: (title: string) => t("in “{0}”", title),
  older: t("Earlier messages"),
  empty: t("Nothing has been said here yet."),
  say: t("Message"),
  send: t("Send"),
  steer: t("Steer"),
  steerHint: t("Tell it while it works…"),
  stop: t("Stop"),
  lookOnly: t("This phone may look and answer approvals, and was paired without the right to write."),
  thisPhone: t("This phone"),
  pairedAs: (name: string) => t("Paired as {0}", name),
  forget: t("Remove this phone"),
  forgetSure: t("Tap again to remove"),
  dismiss: t("Close"),
};
