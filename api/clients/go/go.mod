module turnixd/turnix

go 1.19
