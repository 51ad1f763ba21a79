# A server of somebody who has nothing of this project: Debian, and iptables for the rule of the guard.
ARG BASE
FROM ${BASE}
LABEL tcpcopy-lab.image=bare
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends iptables \
 && rm -rf /var/lib/apt/lists/*
CMD ["sleep", "infinity"]
