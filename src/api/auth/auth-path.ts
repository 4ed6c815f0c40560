/** Whether a path is of log-in, sign-on and sessions. */
export const isAuthPath = (path: string): boolean => path === "/auth" || path.startsWith("/auth/");
