declare module "virtual:emoji" {
  const table: { byName: Record<string, string> };
  export default table;
}
declare module "*.css";
declare module "slack-blocks-to-jsx";
interface Window {
  GALLERY?: unknown;
  GALLERY_WORLD?: unknown;
}
