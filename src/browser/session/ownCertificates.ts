import type { CDPSession } from "playwright-core";

/**
 * Takes a certificate that nobody vouches for where `isOwn` says that its host is this machine. Everywhere else it is
 * refused, as it is without this, and `onRefused` is told why: the driver then says no more than that the request ended.
 */
export async function trustOwnCertificates(
  devtools: CDPSession,
  isOwn: (host: string) => boolean,
  onRefused: (url: string, why: string) => void,
): Promise<void> {
  devtools.on("Security.certificateError", ({ eventId, requestURL, errorType }) => {
    const host = URL.parse(requestURL)?.hostname;
    const isTaken = host !== undefined && isOwn(host);
    if (!isTaken) onRefused(requestURL, `net::${errorType}`);
    const answer = { eventId, action: isTaken ? ("continue" as const) : ("cancel" as const) };
    void devtools.send("Security.handleCertificateError", answer).catch(() => {});
  });
  await devtools.send("Security.enable");
  await devtools.send("Security.setOverrideCertificateErrors", { override: true });
}
