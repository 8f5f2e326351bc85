import socket

board = ("127.0.0.1", 8266)  # a real board: the address of its network
with socket.create_connection(board, timeout=5) as line:
    line.sendall(b"hello board\n")
    print("the board answers", line.recv(100))
