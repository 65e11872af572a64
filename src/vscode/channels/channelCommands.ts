import type { Command } from "../host/command.ts";

const loaded = () => import("../choices/index.ts");

export const channelCommands: Record<string, Command> = {
  "pincer.setUpTelegram": async (window) => (await loaded()).setUpTelegram(window),
  "pincer.setUpDiscord": async (window) => (await loaded()).setUpDiscord(window),
  "pincer.acceptPairing": async (window, node) => (await loaded()).acceptPairing(window, node),
  "pincer.refusePairing": async (window, node) => (await loaded()).refusePairing(window, node),
  "pincer.removePerson": async (window, node) => (await loaded()).removePerson(window, node),
  "pincer.pairPhone": async (window) => (await loaded()).pairPhone(window),
  "pincer.removePhone": async (window) => (await loaded()).removePhone(window),
  "pincer.restartChannel": async (window, node) => (await loaded()).restartChannel(window, node),
};
