export { brave } from "./braveSearch.ts";
export { searxng } from "./searxngSearch.ts";
export { tavily } from "./tavilySearch.ts";
