/*
 * The least that sending can cost: ready-made frames, again and again, and nothing else.
 *
 *   floor link|raw DEVICE FILE FRAME_BYTES BATCH WARM COUNT
 *
 * FILE holds Ethernet frames of FRAME_BYTES each, with IPv4 in them. `link` sends them by a packet socket, `raw` sends
 * the packets in them by a raw IP socket; BATCH of them in a system call, or by sendto when it is 1. After WARM frames
 * that do not count, COUNT frames are sent; what they took is printed as JSON.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define FRAMES_MAX 1024
/* As src/inject/link.ts wishes it. */
#define SEND_BUFFER_BYTES (16 * 1024 * 1024)

static union {
    struct sockaddr_ll link;
    struct sockaddr_in raw;
} address;
static struct mmsghdr messages[FRAMES_MAX];
static struct iovec pieces[FRAMES_MAX];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void send_batch(int descriptor, unsigned count) {
    for (unsigned from = 0; from < count;) {
        int sent = sendmmsg(descriptor, messages + from, count - from, 0);
        if (sent > 0) from += sent;
        else if (errno != EINTR) fail("sendmmsg");
    }
}

static void send_one(int descriptor, unsigned index) {
    struct msghdr *message = &messages[index].msg_hdr;
    ssize_t sent;
    do sent = sendto(descriptor, pieces[index].iov_base, pieces[index].iov_len, 0, message->msg_name, message->msg_namelen);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) fail("sendto");
}

/* Sends `count` frames, the `frames` ready-made ones in turn. */
static void send_all(int descriptor, long count, unsigned frames, unsigned batch) {
    if (batch == 1)
        for (long sent = 0; sent < count; sent++) send_one(descriptor, sent % frames);
    else
        for (long left = count; left > 0; left -= batch) send_batch(descriptor, left < batch ? left : batch);
}

static double cpu_us(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static int open_socket(int is_link, const char *device, const uint8_t *first_packet) {
    int descriptor = is_link ? socket(AF_PACKET, SOCK_RAW, 0) : socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    if (descriptor < 0) fail("socket");
    int size = SEND_BUFFER_BYTES;
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    if (is_link) {
        address.link.sll_family = AF_PACKET;
        address.link.sll_protocol = htons(ETH_P_IP);
        address.link.sll_ifindex = if_nametoindex(device);
        if (address.link.sll_ifindex == 0) fail(device);
    } else {
        address.raw.sin_family = AF_INET;
        address.raw.sin_addr.s_addr = ((const struct iphdr *)first_packet)->daddr;
    }
    return descriptor;
}

int main(int argc, char **argv) {
    if (argc != 8) return fputs("floor link|raw DEVICE FILE FRAME_BYTES BATCH WARM COUNT\n", stderr), 2;
    int is_link = strcmp(argv[1], "link") == 0;
    size_t frame_bytes = strtoul(argv[4], NULL, 10);
    unsigned batch = strtoul(argv[5], NULL, 10);
    long warm = atol(argv[6]), count = atol(argv[7]);

    uint8_t *bytes = malloc(FRAMES_MAX * frame_bytes);
    FILE *file = fopen(argv[3], "rb");
    if (!bytes || !file) fail(argv[3]);
    unsigned frames = fread(bytes, frame_bytes, FRAMES_MAX, file);
    if (batch < 1 || frames < batch) return fprintf(stderr, "%u frames are too few for %u in a call\n", frames, batch), 2;

    size_t skipped = is_link ? 0 : ETH_HLEN;
    for (unsigned index = 0; index < frames; index++) {
        pieces[index].iov_base = bytes + index * frame_bytes + skipped;
        pieces[index].iov_len = frame_bytes - skipped;
        messages[index].msg_hdr.msg_iov = &pieces[index];
        messages[index].msg_hdr.msg_iovlen = 1;
        messages[index].msg_hdr.msg_name = &address;
        messages[index].msg_hdr.msg_namelen = is_link ? sizeof address.link : sizeof address.raw;
    }
    int descriptor = open_socket(is_link, argv[2], bytes + ETH_HLEN);
    send_all(descriptor, warm, frames, batch);
    double before = cpu_us();
    send_all(descriptor, count, frames, batch);
    printf("{\"cpu_us\":%.0f,\"packets\":%ld,\"total\":%ld}\n", cpu_us() - before, count, warm + count);
    return 0;
}
