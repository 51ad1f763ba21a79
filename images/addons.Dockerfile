# Compiles the native addons for the Node that the nodes run, without node-gyp: three files need no build system.
ARG BASE
FROM ${BASE} AS build
LABEL tcpcopy-lab.image=addons
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
      g++ make libpcap-dev libnetfilter-queue-dev \
 && rm -rf /var/lib/apt/lists/*
COPY node-headers /build/node-headers
COPY modules /build/modules
COPY addons.mk /build/Makefile
COPY initgroups.c /build/initgroups.c
RUN make -j2 -C /build

FROM scratch
LABEL tcpcopy-lab.image=addons
COPY --from=build /build/modules /node_modules
COPY --from=build /build/lib /lib
