// What build.mjs makes while it bundles.
declare module "./made/*" {
  const text: string;
  export default text;
}
