"""HL7 v2: MLLP transport, SIU messages in, acknowledgments out."""
