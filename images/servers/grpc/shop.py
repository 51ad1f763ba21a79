"""The shop: gives every order a number, and notes it in the log."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import grpc
import orders_pb2
import orders_pb2_grpc

PORT = 8000
numbers = count(1)


class Orders(orders_pb2_grpc.OrdersServicer):
    def Place(self, order, _):
        print(f"ordered: {order.count} {order.what}")
        return orders_pb2.Receipt(number=next(numbers), what=order.what)

    def PlaceMany(self, orders, context):
        for order in orders:
            yield self.Place(order, context)


server = grpc.server(ThreadPoolExecutor(max_workers=32))
orders_pb2_grpc.add_OrdersServicer_to_server(Orders(), server)
server.add_insecure_port(f"0.0.0.0:{PORT}")
server.start()
print(f"the shop is open on port {PORT}")
server.wait_for_termination()
