import { remoteFaults } from "../../net/bindRules.ts";
import { broken, type Check, ok, warning } from "./check.ts";

export const phones: Check = {
  name: "Phones",
  async run({ config, client }) {
    const { remote, host, tls } = config.gateway;
    if (remote === "off") return [ok("no page is served to them (gateway.remote: off)")];
    const [fault] = remoteFaults({ host, tls: tls !== undefined, remote: true });
    if (fault) return [broken(fault, "Set gateway.tls and gateway.host, or gateway.remote: off (docs/phone.md)")];
    const count = (await client?.get("phones.list", {}).catch(() => undefined))?.count;
    const served = `a page is served at /phone/${count === undefined ? "" : `; ${count} paired`}`;
    if (tls !== "selfSigned") return [ok(served)];
    const text = `${served}. Phones do not trust its certificate, so that they neither install it nor are told of anything`;
    return [warning(text, "Give gateway.tls a certificate of an authority that phones know (docs/phone.md)")];
  },
};
