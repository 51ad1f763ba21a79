"""
order.py HOST:PORT CLIENTS ORDERS: so many clients, each with a connection of its own, place so many orders one by one, and
as many again in one stream.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
import orders_pb2
import orders_pb2_grpc

address, clients, orders = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def place_orders(client):
    things = [f"thing {index} of client {client}" for index in range(orders)]
    # Channels of a process share their connections otherwise.
    options = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(address, options) as channel:
        shop = orders_pb2_grpc.OrdersStub(channel)
        receipts = [shop.Place(orders_pb2.Order(what=thing, count=1)) for thing in things]
        receipts += shop.PlaceMany(orders_pb2.Order(what=thing, count=2) for thing in things)
    assert [receipt.what for receipt in receipts] == things + things


with ThreadPoolExecutor(clients) as threads:
    list(threads.map(place_orders, range(clients)))
