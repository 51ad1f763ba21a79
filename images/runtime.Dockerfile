# Everything that a node of a lab needs, whatever its role, but for the programs of this repository.
ARG BASE
FROM ${BASE}
LABEL tcpcopy-lab.image=runtime
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
      nginx redis-server redis-tools curl wrk apache2-utils nghttp2-client \
      tcpdump iptables iproute2 procps ethtool libpcap0.8 libnetfilter-queue1 \
 && rm -rf /var/lib/apt/lists/* /usr/share/doc /usr/share/man \
 && ln -s libpcap.so.0.8 "/usr/lib/$(uname -m)-linux-gnu/libpcap.so"
# The link above matters: the addon `cap` opens libpcap.so by its unversioned name to switch on immediate mode, and
# without it captured packets arrive up to a second late.
COPY node /opt/tcpcopy-lab/bin/node
RUN ln -s node /opt/tcpcopy-lab/bin/tcpcopy \
 && ln -s node /opt/tcpcopy-lab/bin/intercept \
 && ln -s node /opt/tcpcopy-lab/bin/lab-load \
 && ln -s node /opt/tcpcopy-lab/bin/lab-fence \
 && ln -s node /opt/tcpcopy-lab/bin/lab-delay
COPY nginx.conf /etc/tcpcopy-lab/nginx.conf
COPY sbin /usr/local/bin
