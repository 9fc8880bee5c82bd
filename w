a,b
a,b
