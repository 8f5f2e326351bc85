import weather

packet = weather.pack(215, 48)
print(packet, weather.unpack(packet))
