import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { remoteFaults } from "../../net/bindRules.ts";
import { broken, type Check, type Finding, ok, warning } from "./check.ts";

const KNOWN = "Give gateway.tls a certificate of an authority that phones know (docs/phone.md)";

export const phones: Check = {
  name: "Phones",
  async run({ config, client }) {
    const { remote, host, tls } = config.gateway;
    if (remote === "off") return [ok("no page is served to them (gateway.remote: off)")];
    const [fault] = remoteFaults({ host, tls: tls !== undefined, remote: true });
    if (fault) return [broken(fault, "Set gateway.tls and gateway.host, or gateway.remote: off (docs/phone.md)")];
    const count = (await client?.get("phones.list", {}).catch(() => undefined))?.count;
    const served =
      count === undefined
        ? "a page is served at /phone/ while the gateway runs"
        : `a page is served at /phone/; ${count} paired`;
    const distrusted = typeof tls === "object" ? await distrust(tls.cert) : untrusted("its certificate");
    return [distrusted ? { ...distrusted, text: `${served}. ${distrusted.text}` } : ok(served)];
  },
};

/** Why phones would not trust a certificate; undefined where nothing in it says so. */
async function distrust(file: string): Promise<Finding | undefined> {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(await readFile(file));
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "unknown error";
    return broken(`The certificate ${file} cannot be read (${why})`, "Set gateway.tls.cert to a certificate in PEM");
  }
  const { validFrom, validTo } = certificate;
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (Date.now() > to) return broken(`The certificate ${file} was good until ${validTo}`, "Have it renewed");
  if (Date.now() < from) return broken(`The certificate ${file} is good from ${validFrom} on`, "Look at the clock");
  return certificate.verify(certificate.publicKey)
    ? untrusted(`the certificate ${file}, which nobody else signed`)
    : undefined;
}

function untrusted(what: string): Finding {
  return warning(`Phones do not trust ${what}, so that they neither install it nor are told of anything`, KNOWN);
}
