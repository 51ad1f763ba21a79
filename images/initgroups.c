/*
 * nginx and tcpdump set their supplementary groups even when the user they change to is the one they are. A node has
 * no CAP_SETGID for it, and they then complain or refuse. Preloaded, this lets them stay who they are.
 */
int initgroups(const char *user, unsigned group) {
    (void)user;
    (void)group;
    return 0;
}
