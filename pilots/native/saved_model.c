/* A SavedModel in a C program: loads it once, then answers on its standard output what is asked on its standard input.
 *
 * Arguments: folder, name of the input and of the output in the graph ("serving_default_rows:0" as two words each: name
 * and number), data type (TF_DataType as a number), threads. After loading it writes the int64 0.
 * A request is int64 calls, bytes, rank, then rank sizes, then the rows; the answer int64 bytes, rank, sizes, the float32
 * outputs of the last call, and calls doubles: the milliseconds of each. Everything in the machine's own byte order.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tensorflow/c/c_api.h>

static TF_Status *status;

static void check(const char *what) {
    if (TF_GetCode(status) != TF_OK) {
        fprintf(stderr, "RuntimeError: %s: %s\n", what, TF_Message(status));
        exit(1);
    }
}

static int receive(void *to, size_t size) { return fread(to, 1, size, stdin) == size; }

static void answer(const void *from, size_t size) {
    if (fwrite(from, 1, size, stdout) != size) exit(1);
}

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
    if (argc != 8) return 2;
    status = TF_NewStatus();
    TF_Graph *graph = TF_NewGraph();
    TF_SessionOptions *options = TF_NewSessionOptions();
    /* A ConfigProto of two fields, intra_op_parallelism_threads (2), seven bits to a byte, and
     * inter_op_parallelism_threads (5). */
    int threads = atoi(argv[7]);
    char config[5] = {0x10, (char)(0x80 | (threads & 0x7f)), (char)((threads >> 7) & 0x7f), 0x28, 1};
    TF_SetConfig(options, config, sizeof config, status);
    check("the number of threads");
    const char *tags[] = {"serve"};
    TF_Session *session = TF_LoadSessionFromSavedModel(options, NULL, argv[1], tags, 1, graph, NULL, status);
    check("loading");
    TF_Output input = {TF_GraphOperationByName(graph, argv[2]), atoi(argv[3])};
    TF_Output output = {TF_GraphOperationByName(graph, argv[4]), atoi(argv[5])};
    if (!input.oper || !output.oper) {
        fprintf(stderr, "RuntimeError: the graph has no %s\n", input.oper ? argv[4] : argv[2]);
        return 1;
    }
    int64_t ready = 0;
    answer(&ready, sizeof ready);
    fflush(stdout);
    int64_t head[3];
    while (receive(head, sizeof head)) {
        int64_t calls = head[0], sizes[16];
        if (head[2] > 16 || calls < 1 || !receive(sizes, head[2] * sizeof *sizes)) return 1;
        TF_Tensor *rows = TF_AllocateTensor(atoi(argv[6]), sizes, (int)head[2], head[1]);
        if (!receive(TF_TensorData(rows), head[1])) return 1;
        double *times = malloc(calls * sizeof *times);
        TF_Tensor *outputs = NULL;
        for (int64_t call = 0; call < calls; call++) {
            if (outputs) TF_DeleteTensor(outputs);
            double start = now_ms();
            TF_SessionRun(session, NULL, &input, &rows, 1, &output, &outputs, 1, NULL, 0, NULL, status);
            times[call] = now_ms() - start;
            check("running");
        }
        int64_t found[2] = {(int64_t)TF_TensorByteSize(outputs), TF_NumDims(outputs)};
        answer(found, sizeof found);
        for (int dim = 0; dim < found[1]; dim++) {
            int64_t size = TF_Dim(outputs, dim);
            answer(&size, sizeof size);
        }
        answer(TF_TensorData(outputs), found[0]);
        answer(times, calls * sizeof *times);
        fflush(stdout);
        TF_DeleteTensor(outputs);
        TF_DeleteTensor(rows);
        free(times);
    }
    return 0;
}
