declare module '*.css';

/** Made by build.mjs. */
declare module 'land-outline' {
  export const land: string;
  export const borders: string;
}
