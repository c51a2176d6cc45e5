declare module '*.png?inline' {
  /** `data:` URL of the image. */
  const url: string;
  export default url;
}
