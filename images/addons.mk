# The flags are node-gyp's for a release build on Linux, less what the three addons do not need.
FLAGS = -std=gnu++20 -O2 -fPIC -shared -pthread -w -fpermissive -fno-rtti -fno-exceptions \
        -DBUILDING_NODE_EXTENSION -DUSING_UV_SHARED=1 -DUSING_V8_SHARED=1 \
        -I node-headers -I modules/nan

all: modules/cap/build/Release/cap.node \
     modules/raw-socket/build/Release/raw.node \
     modules/nfqueue/build/Release/nfqueue.node \
     lib/initgroups.so

modules/cap/build/Release/cap.node: modules/cap/src/binding.cc
	mkdir -p $(@D) && g++ $(FLAGS) -DNODE_GYP_MODULE_NAME=cap $< -o $@ -lpcap

modules/raw-socket/build/Release/raw.node: modules/raw-socket/src/raw.cc
	mkdir -p $(@D) && g++ $(FLAGS) -DNODE_GYP_MODULE_NAME=raw $< -o $@

modules/nfqueue/build/Release/nfqueue.node: modules/nfqueue/src/node_nfqueue.cpp
	mkdir -p $(@D) && g++ $(FLAGS) -DNODE_GYP_MODULE_NAME=nfqueue $< -o $@ -lnetfilter_queue

lib/initgroups.so: initgroups.c
	mkdir -p $(@D) && gcc -O2 -fPIC -shared $< -o $@
