import select
import socket

address = socket.getaddrinfo("127.0.0.1", 8267)[0][-1]
inbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inbox.bind(address)
outbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

poll = select.poll()
poll.register(inbox, select.POLLIN)
print("before:", len(poll.poll(0)), "sockets have something")
outbox.sendto(b"21.5", address)
print("after:", len(poll.poll(1000)), "has", inbox.recv(100))
inbox.close()
outbox.close()
