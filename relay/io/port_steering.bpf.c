// Steers UDP packets for relay ports to the socket of the worker that serves them (program type sk_lookup).
//
// Runs for every packet of the network namespace that no connected socket takes. It decides only about ports
// that are claimed now; everything else goes where it would without it.
#include <linux/bpf.h>
#include <linux/in.h>

#include <bpf/bpf_helpers.h>

// Mirrored in port_steering.cpp, which also sizes the maps.
struct address_key {
    __u32 words[4]; // in network order; an IPv4 address in the first
    __u32 family;
};
struct port_table {
    __u16 served_by[65536]; // worker + 1, 0: not claimed
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, struct address_key);
    __type(value, __u32); // its place in `ports`
} addresses SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct port_table);
} ports SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_SOCKMAP);
    __uint(max_entries, 2);
    __type(key, __u32); // 2 × worker, + 1 for IPv6
    __type(value, __u64);
} sockets SEC(".maps");

#define AF_INET6 10

static __always_inline struct port_table *ports_of(const struct bpf_sk_lookup *packet) {
    struct address_key key = {.family = packet->family};
    if (packet->family == AF_INET6) {
        key.words[0] = packet->local_ip6[0];
        key.words[1] = packet->local_ip6[1];
        key.words[2] = packet->local_ip6[2];
        key.words[3] = packet->local_ip6[3];
    } else {
        key.words[0] = packet->local_ip4;
    }
    const __u32 *place = bpf_map_lookup_elem(&addresses, &key);
    return place ? bpf_map_lookup_elem(&ports, place) : 0;
}

SEC("sk_lookup")
int steer(struct bpf_sk_lookup *packet) {
    if (packet->protocol != IPPROTO_UDP) return SK_PASS;
    const struct port_table *table = ports_of(packet);
    if (!table) return SK_PASS;
    const __u16 port = packet->local_port;
    const __u16 served_by = table->served_by[port];
    if (served_by == 0) return SK_PASS;
    const __u32 index = 2 * (served_by - 1) + (packet->family == AF_INET6);
    struct bpf_sock *socket = bpf_map_lookup_elem(&sockets, &index);
    if (!socket) return SK_PASS;
    bpf_sk_assign(packet, socket, 0);
    bpf_sk_release(socket);
    return SK_PASS;
}

char license_name[] SEC("license") = "Apache-2.0";
