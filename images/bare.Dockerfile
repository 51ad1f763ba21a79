# A server of somebody who has nothing of this project: Debian, and what rules are made with.
ARG BASE
FROM ${BASE}
LABEL tcpcopy-lab.image=bare
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends iptables iproute2 nftables \
 && rm -rf /var/lib/apt/lists/*
CMD ["sleep", "infinity"]
