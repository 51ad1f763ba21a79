/** Style sheets, which the bundler takes from the modules that name them. */
declare module '*.css';
